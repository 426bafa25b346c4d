using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Protocols.Gossip;
using FerroLB.Protocols.Gossip.Sealing;
using FerroLB.Protocols.Gossip.Wire;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Fuzz;

/// <summary>
/// The membership protocol. An input is read as a list of events: an octet that says which (datagram, stream octets, stream events, time),
/// two octets with the length of what follows, and that. They go through an envelope (plain, labelled or sealed, as the first octet says)
/// to a member that knows a few others. Each datagram is also read by the codec alone, which must read back what it writes.
/// </summary>
public sealed class GossipFuzzTarget : IFuzzTarget
{
    private const int MostWakeUps = 32;
    private const int MostOutputs = 20_000;

    private static readonly GossipKey Key = new(new byte[32]);
    private static readonly GossipEnvelope[] Envelopes =
        [new("", []), new("a", []), new("", [Key], verifiesIncoming: false), new("a", [Key])];

    private static readonly string[] Words =
        ["SeqNo", "Node", "Addr", "Vsn", "Meta", "Incarnation", "Buf", "Algo", "Nodes", "UserStateLen"];

    private static readonly string[] Names = ["self", "n1", "n2", "n3"];

    private readonly List<GossipMessage> _messages = [];
    private GossipMachine _machine = Make();
    private GossipEnvelope _envelope = Envelopes[0];
    private GossipStreamOpener? _opener;
    private Instant _now;
    private int _outputs;

    /// <inheritdoc/>
    public ReadOnlySpan<string> Vocabulary => Words;

    /// <inheritdoc/>
    public byte[] Sample(SeededRandom random)
    {
        var which = random.Next(Envelopes.Length);
        var envelope = Envelopes[which];
        var nonce = new byte[GossipSeal.NonceBytes];
        var input = new List<byte> { (byte)which };
        for (var i = random.Next(5); i >= 0; i--)
        {
            if (random.Chance(0.7))
            {
                byte[][] messages = [.. Enumerable.Range(0, 1 + random.Next(4)).Select(_ => GossipCodec.Encode(Message(random)))];
                Append(input, 0, envelope.CloseDatagram(GossipPacket.Pack(messages, random.Chance(0.3), random.Chance(0.3)), nonce));
            }
            else
            {
                GossipMessage.NodeState[] states = [.. Enumerable.Range(0, random.Next(4)).Select(_ => State(random))];
                var picture = GossipStreamMessage.Encode(new(random.Chance(0.5), states, 0));
                var octets = envelope.CloseStreamMessage(random.Chance(0.5) ? GossipStreamMessage.Compress(picture) : picture, nonce, true);
                Append(input, 1, []);
                Append(input, 2, octets);
            }
            Append(input, (byte)(3 + random.Next(5)), [(byte)random.Next(256)]);
        }
        return [.. input];
    }

    /// <inheritdoc/>
    public long AllocationLimit(int inputBytes) => 1_000_000 + 2_048L * inputBytes;

    /// <inheritdoc/>
    public string? Try(ReadOnlyMemory<byte> input)
    {
        (_machine, _now, _outputs, _opener) = (Make(), Instant.FromSeconds(10), 0, null);
        if (input.IsEmpty)
            return null;
        _envelope = Envelopes[input.Span[0] & 3];
        for (var at = 1; at + 2 < input.Length;)
        {
            var length = Math.Min(input.Span[at + 1] << 8 | input.Span[at + 2], input.Length - at - 3);
            if (Play(input.Span[at], input.Slice(at + 3, length)) is { } fault)
                return fault;
            at += 3 + length;
        }
        return null;
    }

    private static GossipMachine Make()
    {
        var config = new GossipConfig("self", AddressOf(1)) { MostMembers = 64 };
        return new(config, new SeededRandom(1), Instant.FromSeconds(10));
    }

    private string? Play(byte kind, ReadOnlyMemory<byte> octets)
    {
        switch (kind & 7)
        {
            case 0:
                return PlayDatagram(octets);
            case 1:
                _opener = _envelope.OpenStream(isOpener: false);
                return Feed(new GossipInput.StreamAccepted(1, AddressOf(9)));
            case 2:
                if (_opener is null || _opener.Append(octets.Span, out var plain) != GossipRefusal.None)
                    return Feed(new GossipInput.StreamFailed(1, "refused"));
                return Feed(new GossipInput.StreamBytes(1, plain));
            case 3:
                return Feed(new GossipInput.JoinRequested([AddressOf(octets.Length)]));
            case 4:
                return Feed(new GossipInput.StreamOpened(-1)) ?? Feed(new GossipInput.StreamBytes(-1, octets));
            case 5:
                return Feed(new GossipInput.StreamClosed(-1)) ?? Feed(new GossipInput.MetadataChanged(octets));
            case 6 when octets.Length == 3:
                return Feed(new GossipInput.LeaveRequested());
            default:
                return Wait(octets.IsEmpty ? (byte)1 : octets.Span[0]);
        }
    }

    private string? PlayDatagram(ReadOnlyMemory<byte> octets)
    {
        if (_envelope.OpenDatagram(octets, out var plain) != GossipRefusal.None)
            return null;
        _messages.Clear();
        GossipPacket.Unpack(plain.Span, _messages);
        foreach (var message in _messages)
        {
            if (message is GossipMessage.User)
                continue;
            var written = GossipCodec.Encode(message);
            if (GossipCodec.Decode(message.Type, written.AsSpan(1)) is not { } again || !GossipCodec.Encode(again).SequenceEqual(written))
                return $"{message} is written so that it reads otherwise";
        }
        return Feed(new GossipInput.DatagramReceived(AddressOf(9), plain));
    }

    private string? Feed(GossipInput happened)
    {
        _machine.Handle(happened, _now);
        return Drain();
    }

    private string? Wait(byte tenths)
    {
        var end = _now + TimeSpan.FromMilliseconds(100 * tenths);
        for (var i = 0; i < MostWakeUps && _machine.NextDeadline is { } due && due <= end; i++)
        {
            _now = due > _now ? due : _now;
            _machine.Advance(_now);
            if (Drain() is { } fault)
                return fault;
        }
        _now = end > _now ? end : _now;
        return null;
    }

    private string? Drain()
    {
        while (_machine.TryTake(out var output))
        {
            if (++_outputs > MostOutputs)
                return "it orders without end";
            if (output is GossipOutput.SendDatagram { Plain.Length: > 1400 } sent)
                return $"a datagram of {sent.Plain.Length} octets";
        }
        return null;
    }

    private static void Append(List<byte> input, byte kind, byte[] octets) =>
        input.AddRange([kind, (byte)(octets.Length >> 8), (byte)(octets.Length & 0xFF), .. octets]);

    private static GossipAddress AddressOf(int number) => new(IpAddress.V4(0x0A630000u + (uint)number), 7946);

    private static GossipMessage Message(SeededRandom random)
    {
        var (name, number) = (Names[random.Next(Names.Length)], (uint)random.Next(4));
        return random.Next(8) switch
        {
            0 => new GossipMessage.Ping(number, name, random.Chance(0.5) ? AddressOf(2) : null, "n1"),
            1 => new GossipMessage.IndirectPing(number, AddressOf(3), name, true, AddressOf(2), "n1"),
            2 => new GossipMessage.Ack(number, new byte[random.Next(8)]),
            3 => new GossipMessage.Nack(number),
            4 => new GossipMessage.Suspect(number, name, "n2"),
            5 => new GossipMessage.Dead(number, name, random.Chance(0.5) ? name : "n2"),
            _ => State(random).Statement,
        };
    }

    private static GossipMessage.NodeState State(SeededRandom random)
    {
        var number = random.Next(4);
        var address = AddressOf(1 + number);
        return new(
            (GossipMemberState)random.Next(4),
            new((uint)random.Next(3), Names[number], address.ToBytes(), address, new byte[random.Next(20)], GossipVersions.Default, true));
    }
}
