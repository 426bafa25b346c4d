using System;
using System.Collections.Generic;
using FerroLB.Protocols.Gossip.Wire;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Gossip;

/// <summary>What the parts of a <see cref="GossipMachine"/> share: the members, the broadcasts, and the way out.</summary>
internal sealed class GossipContext
{
    private readonly Queue<GossipOutput> _outputs = new();
    private uint _lastSequence;
    private uint _lastIncarnation;

    public GossipContext(GossipConfig config, SeededRandom random, Instant now)
    {
        Config = config;
        Random = random;
        Members = new(random.Fork("order"));
        Health = new(config.Tuning.AwarenessMaxMultiplier);
        Self = new(StateSelf(config.Meta.Span, NextIncarnation()), now);
        Self.Become(GossipMemberState.Alive, now);
        Self.Incarnation = Self.Statement.Incarnation;
        Members.Add(Self);
    }

    public GossipConfig Config { get; }

    public GossipTuning Tuning => Config.Tuning;

    public SeededRandom Random { get; }

    public GossipMemberTable Members { get; }

    public GossipBroadcasts Broadcasts { get; } = new();

    public GossipHealth Health { get; }

    public GossipMemberEntry Self { get; }

    public bool IsLeaving { get; set; }

    public GossipCounts Counts { get; set; }

    public uint NextSequence() => unchecked(++_lastSequence);

    public uint NextIncarnation() => _lastIncarnation = _lastIncarnation == uint.MaxValue ? uint.MaxValue : _lastIncarnation + 1;

    /// <summary>An incarnation that beats an accusation.</summary>
    public uint IncarnationAbove(uint accused)
    {
        _lastIncarnation = Math.Max(_lastIncarnation, accused);
        return NextIncarnation();
    }

    public GossipMessage.Alive StateSelf(ReadOnlySpan<byte> meta, uint incarnation) => new(
        incarnation, Config.Name, Config.Address.ToBytes(), Config.Address, meta.ToArray(), Config.Versions, HasVersions: true);

    public void Emit(GossipOutput output) => _outputs.Enqueue(output);

    public void Report(GossipReport kind, string text) => Emit(new GossipOutput.Report(kind, text));

    public bool TryTake(out GossipOutput? output) => _outputs.TryDequeue(out output);

    public void Broadcast(string name, GossipMessage message) => Broadcasts.Add(name, GossipCodec.Encode(message));

    /// <summary>Sends a message, and with it as many broadcasts as fit.</summary>
    public void Send(GossipAddress to, string member, GossipMessage message)
    {
        var messages = new List<byte[]> { GossipCodec.Encode(message) };
        var used = messages[0].Length + GossipPacket.CompoundPartBytes;
        Broadcasts.Take(messages, GossipPacket.CompoundPartBytes, MostPartsBytes - used, MostSends);
        SendRaw(to, member, messages);
    }

    /// <summary>Sends broadcasts that found nothing to travel with; false when there was none.</summary>
    public bool SendBroadcasts(GossipMemberEntry to)
    {
        var messages = new List<byte[]>();
        Broadcasts.Take(messages, GossipPacket.CompoundPartBytes, MostPartsBytes, MostSends);
        if (messages.Count > 0)
            SendRaw(to.Address, to.Name, messages);
        return messages.Count > 0;
    }

    public void SendRaw(GossipAddress to, string member, List<byte[]> messages)
    {
        var checksums = Members.TryGet(member, out var entry) && entry.Statement.Versions.ProtocolMax >= 5;
        Counts = Counts with { DatagramsSent = Counts.DatagramsSent + 1 };
        Emit(new GossipOutput.SendDatagram(to, GossipPacket.Pack(messages, Tuning.EnableCompression, checksums)));
    }

    // What the parts of a compound may use, beside its own header, a checksum and the envelope. Every single broadcast fits.
    private int MostPartsBytes => Math.Max(
        Tuning.UdpBufferSize - GossipPacket.CompoundHeaderBytes - GossipPacket.CrcBytes - Config.EnvelopeBytes,
        GossipMessage.MostMetaBytes + GossipMessage.MostNameBytes + 128);

    private int MostSends => GossipBroadcasts.MostSends(Tuning.RetransmitMult, Members.Count);
}
