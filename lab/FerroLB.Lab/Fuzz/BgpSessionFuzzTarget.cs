using System;
using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Generic;
using FerroLB.Protocols.Bgp.Session;
using FerroLB.Protocols.Bgp.Wire;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Fuzz;

/// <summary>
/// A BGP peer that does anything at any time: connects and hangs up, says right and wrong octets in every state, is reconfigured, loses its
/// path; while another peer's session runs. An input is a row of steps, each an octet that says which, one that says how, and for octets of
/// the peer a length and as many octets.
/// </summary>
public sealed class BgpSessionFuzzTarget : IFuzzTarget
{
    private const int StepBytes = 2;
    private const int Kinds = 13;

    private static readonly byte[] Open = Written(output => BgpMessageWriter.WriteOpen(output, BgpOpen.Of(
        64513, 90, 9, [new BgpCapability.MultiProtocol(BgpFamily.IPv4Unicast), new BgpCapability.RouteRefresh()])));

    private static readonly byte[] KeepAlive = Written(BgpMessageWriter.WriteKeepAlive);

    private enum Step : byte
    {
        Open,
        Accept,
        Close,
        Fail,
        SoundOpen,
        KeepAlive,
        Message,
        Octets,
        Writable,
        Pass,
        Bfd,
        Advertise,
        Hold,
    }

    /// <inheritdoc/>
    public ReadOnlySpan<string> Vocabulary => [];

    /// <inheritdoc/>
    public byte[] Sample(SeededRandom random)
    {
        var steps = new List<byte>();
        if (random.Chance(0.8))
            Add(steps, random.Chance(0.7) ? Step.Open : Step.Accept, 0);
        if (random.Chance(0.8))
            Add(steps, Step.SoundOpen, 0);
        if (random.Chance(0.8))
            Add(steps, Step.KeepAlive, 0);
        for (var i = random.Next(8); i >= 0; i--)
        {
            var step = random.Chance(0.5) ? Step.Message : (Step)random.Next(Kinds);
            Add(steps, step, (byte)random.Next(256));
            if (step is not (Step.Message or Step.Octets))
                continue;
            var message = BgpFuzzTarget.SampleMessage(random, random.Chance(0.9));
            steps[^1] = message[BgpFramer.HeaderBytes - 1];
            var octets = step == Step.Message ? message.AsSpan(BgpFramer.HeaderBytes) : message;
            steps.AddRange([(byte)(octets.Length >> 8), (byte)(octets.Length & 255)]);
            steps.AddRange(octets);
        }
        return [.. steps];
    }

    /// <inheritdoc/>
    public long AllocationLimit(int inputBytes) => 4_000_000 + 2_000L * inputBytes;

    /// <inheritdoc/>
    public string? Try(ReadOnlyMemory<byte> input)
    {
        var world = new BgpSessionWorld();
        while (input.Length >= StepBytes && world.Fault is null)
        {
            var (step, how) = ((Step)(input.Span[0] % Kinds), input.Span[1]);
            input = input[StepBytes..];
            if (step is Step.Message or Step.Octets)
                Say(world, step, how, ref input);
            else
                Do(world, step, how);
        }
        return world.Judge();
    }

    private static void Do(BgpSessionWorld world, Step step, byte how)
    {
        switch (step)
        {
            case Step.Open:
                world.Open();
                break;
            case Step.Accept:
                world.Accept();
                break;
            case Step.Close:
                world.TellBad(new BgpSessionInput.StreamClosed(world.Stream));
                break;
            case Step.Fail:
                world.TellBad(new BgpSessionInput.StreamFailed(world.Stream, (BgpStreamFailure)(how % 6), "x"));
                break;
            case Step.SoundOpen:
                world.TellBad(new BgpSessionInput.StreamBytes(world.Stream, Open));
                break;
            case Step.KeepAlive:
                world.TellBad(new BgpSessionInput.StreamBytes(world.Stream, KeepAlive));
                break;
            case Step.Writable:
                world.TellBad(new BgpSessionInput.StreamWritable(world.Stream));
                break;
            case Step.Pass:
                world.Pass(TimeSpan.FromSeconds(how));
                break;
            case Step.Bfd:
                world.Bfd(how % 2 == 0);
                break;
            case Step.Advertise:
                world.Advertise(how);
                break;
            default:
                world.Hold(how);
                break;
        }
    }

    /// <summary>The peer says octets: with a right header around them, or as they are.</summary>
    private static void Say(BgpSessionWorld world, Step step, byte type, ref ReadOnlyMemory<byte> input)
    {
        var wanted = input.Length < sizeof(ushort) ? 0 : BinaryPrimitives.ReadUInt16BigEndian(input.Span);
        input = input[Math.Min(sizeof(ushort), input.Length)..];
        var octets = input[..Math.Min(wanted, input.Length)];
        input = input[octets.Length..];
        if (step == Step.Message && octets.Length <= BgpFramer.MostExtendedBytes - BgpFramer.HeaderBytes)
        {
            var message = new byte[BgpFramer.HeaderBytes + octets.Length];
            message.AsSpan(0, BgpFramer.MarkerBytes).Fill(byte.MaxValue);
            BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(BgpFramer.MarkerBytes), (ushort)message.Length);
            message[BgpFramer.HeaderBytes - 1] = type;
            octets.CopyTo(message.AsMemory(BgpFramer.HeaderBytes));
            octets = message;
        }
        world.TellBad(new BgpSessionInput.StreamBytes(world.Stream, octets));
    }

    private static void Add(List<byte> steps, Step step, byte how) => steps.AddRange([(byte)step, how]);

    private static byte[] Written(Action<IBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(output);
        return output.WrittenSpan.ToArray();
    }
}
