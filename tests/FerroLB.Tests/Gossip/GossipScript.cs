using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Protocols.Gossip;
using FerroLB.Protocols.Gossip.Wire;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Tests.Gossip;

/// <summary>One member with a virtual clock; the others are played by the test, and every order of it is kept.</summary>
internal sealed class GossipScript
{
    public static readonly GossipAddress Own = AddressOf(1);

    private static readonly GossipTuning Plain = GossipTuning.Lan with { EnableCompression = false };

    public GossipScript(GossipTuning? tuning = null, Func<GossipConfig, GossipConfig>? change = null)
    {
        var config = new GossipConfig("self", Own) { Tuning = tuning ?? Plain };
        Machine = new(change?.Invoke(config) ?? config, new SeededRandom(1), Now);
    }

    public GossipMachine Machine { get; }

    /// <summary>Whether every ping is answered while time passes.</summary>
    public bool AnswersAll { get; init; }

    public Instant Now { get; private set; } = Instant.FromSeconds(100);

    public List<GossipOutput> Outputs { get; } = [];

    public static GossipAddress AddressOf(int number) => new(IpAddress.V4(0x0A630000u + (uint)number), 7946);

    public static GossipMessage.Alive Alive(
        string name, int number, uint incarnation = 1, byte[]? meta = null, GossipVersions? versions = null) => new(
            incarnation, name, AddressOf(number).ToBytes(), AddressOf(number), meta ?? [], versions ?? GossipVersions.Default, true);

    /// <summary>What was sent since the last <see cref="Forget"/>, message by message.</summary>
    public IEnumerable<(GossipAddress To, GossipMessage Message)> Sent =>
        from output in Outputs.OfType<GossipOutput.SendDatagram>()
        from message in Unpack(output.Plain)
        select (output.To, message);

    public IEnumerable<T> All<T>() => Outputs.OfType<T>();

    public IEnumerable<T> AllSent<T>() => Sent.Select(sent => sent.Message).OfType<T>();

    public GossipMember Member(string name) => Machine.Snapshot.Members.Single(member => member.Name == name);

    /// <summary>Makes n1, n2 ... members, at 10.99.0.11 and on.</summary>
    public GossipScript Know(int members)
    {
        for (var i = 1; i <= members; i++)
            Receive(Alive($"n{i}", 10 + i));
        return Forget();
    }

    public GossipScript Receive(params GossipMessage[] messages) => Feed(new GossipInput.DatagramReceived(
        AddressOf(11), GossipPacket.Pack([.. messages.Select(GossipCodec.Encode)], compresses: false, hasChecksum: false)));

    public GossipScript Feed(GossipInput input)
    {
        Machine.Handle(input, Now);
        return Drain();
    }

    /// <summary>Lets time pass, every deadline at its moment; others answer pings if that is wanted.</summary>
    public GossipScript Pass(TimeSpan span, Func<GossipMessage.Ping, bool>? answers = null)
    {
        var end = Now + span;
        while (Machine.NextDeadline is { } due && due <= end)
        {
            Now = due > Now ? due : Now;
            var before = Outputs.Count;
            Machine.Advance(Now);
            Drain();
            Answer(before, answers);
        }
        Now = end;
        return this;
    }

    public GossipScript Pass(double seconds, Func<GossipMessage.Ping, bool>? answers = null) =>
        Pass(TimeSpan.FromSeconds(seconds), answers);

    /// <summary>The process stands still.</summary>
    public GossipScript StandStill(double seconds)
    {
        Now += TimeSpan.FromSeconds(seconds);
        return this;
    }

    public GossipScript Forget()
    {
        Outputs.Clear();
        return this;
    }

    private void Answer(int from, Func<GossipMessage.Ping, bool>? answers)
    {
        // An answer may bring about the next ping.
        for (var at = from; at < Outputs.Count; at++)
        {
            if (Outputs[at] is not GossipOutput.SendDatagram datagram)
                continue;
            foreach (var ping in Unpack(datagram.Plain).OfType<GossipMessage.Ping>().Where(ping => answers?.Invoke(ping) ?? AnswersAll))
                Receive(new GossipMessage.Ack(ping.SequenceNumber, []));
        }
    }

    private GossipScript Drain()
    {
        while (Machine.TryTake(out var output))
            Outputs.Add(output);
        return this;
    }

    private static List<GossipMessage> Unpack(byte[] packet)
    {
        var messages = new List<GossipMessage>();
        if (GossipPacket.Unpack(packet, messages) != 0)
            throw new InvalidOperationException("the member sent nonsense");
        return messages;
    }
}
