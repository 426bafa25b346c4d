using System;
using System.Linq;
using FerroLB.Protocols.Bgp.Session;
using FerroLB.Protocols.Bgp.Wire;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Bgp.Session;

public sealed class BgpSessionPropertyTests
{
    [Fact]
    public void No_sequence_of_events_breaks_a_session_and_every_state_ends()
    {
        for (var seed = 1UL; seed <= 400; seed++)
        {
            var random = new SeededRandom(seed);
            var world = new BgpSessionWorld(Configs[random.Next(Configs.Length)], seed);
            world.Start();
            for (var i = random.Next(80); i >= 0; i--)
                Happen(world, random);
            AssertTold(world, seed);
            AssertEnds(world, seed);
        }
    }

    [Fact]
    public void Two_machines_find_each_other_through_any_trouble()
    {
        for (var seed = 1UL; seed <= 60; seed++)
        {
            var pair = new BgpSessionPair(seed);
            pair.Run(TimeSpan.FromMinutes(3), troubleProbability: 0.02);
            pair.Run(TimeSpan.FromMinutes(10), troubleProbability: 0);
            Assert.True(pair.Machines.All(machine => machine.State == BgpSessionState.Established), $"seed {seed}: {pair}");
            Assert.Equal(1, pair.OpenStreams);
        }
    }

    private static readonly byte[] Updates =
        [.. Enumerable.Repeat(Convert.FromHexString(new string('F', 32) + "00170200000000"), 9_000).SelectMany(update => update)];

    private static readonly BgpSessionConfig[] Configs =
    [
        BgpSessionWorld.Config,
        BgpSessionWorld.Config with { ConnectRetrySeconds = 120, HoldTimeSeconds = 3 },
        BgpSessionWorld.Config with { GracefulRestart = true, IPv6Unicast = true, PeerAs = BgpPeerAs.External },
    ];

    private static void Happen(BgpSessionWorld world, SeededRandom random)
    {
        var streams = world.Attempts.Select(attempt => attempt.Stream).TakeLast(2).Append(1).Append(2).ToArray();
        var stream = streams[random.Next(streams.Length)];
        world.KernelTakes = random.Chance(0.8);
        switch (random.Next(14))
        {
            case 0 or 1:
                world.Handle(new BgpSessionInput.StreamOpened(Math.Min(stream, streams[0]), BgpSessionWorld.Local));
                break;
            case 2:
                world.Accept();
                break;
            case 3:
                world.Handle(new BgpSessionInput.StreamClosed(stream));
                break;
            case 4:
                world.Handle(new BgpSessionInput.StreamFailed(stream, (BgpStreamFailure)random.Next(6), "x"));
                break;
            case 5 or 6:
                Say(world, stream, BgpSessionWorld.PeerOpen(random.Chance(0.9) ? 65002u : 7u, (ushort)random.Next(10)));
                break;
            case 7 or 8:
                world.Handle(new BgpSessionInput.StreamBytes(stream, Convert.FromHexString(new string('F', 32) + "001304")));
                break;
            case 9:
                var noise = new byte[random.Next(60)];
                for (var i = 0; i < noise.Length; i++)
                    noise[i] = (byte)(i < 16 ? 255 : random.Next(256));
                world.Handle(new BgpSessionInput.StreamBytes(stream, noise));
                break;
            case 10:
                world.Handle(new BgpSessionInput.MessagesWritten(Updates.AsMemory(0, Updates.Length / 1_000 * random.Next(1_000))));
                break;
            case 11:
                world.Handle(random.Chance(0.5) ? new BgpSessionInput.BfdWentDown() : new BgpSessionInput.BfdCameUp());
                break;
            case 12:
                world.Handle(random.Next(4) switch
                {
                    0 => new BgpSessionInput.ResetRequested(),
                    1 => new BgpSessionInput.StopRequested((BgpStopReason)random.Next(3)),
                    2 => new BgpSessionInput.ConfigChanged(Configs[random.Next(Configs.Length)]),
                    _ => new BgpSessionInput.StreamWritable(stream),
                });
                world.Handle(new BgpSessionInput.StartRequested());
                break;
            default:
                world.Run(TimeSpan.FromSeconds(random.Next(20)));
                break;
        }
    }

    private static void Say(BgpSessionWorld world, long stream, BgpOpen open)
    {
        var bytes = new System.Buffers.ArrayBufferWriter<byte>();
        BgpMessageWriter.WriteOpen(bytes, open);
        world.Handle(new BgpSessionInput.StreamBytes(stream, bytes.WrittenMemory));
    }

    /// <summary>What was told fits together: ups and downs alternate, and each state begins where the one before ended.</summary>
    private static void AssertTold(BgpSessionWorld world, ulong seed)
    {
        var isUp = false;
        var state = BgpSessionState.Idle;
        foreach (var (_, output) in world.Outputs)
        {
            if (output is BgpSessionOutput.SessionUp or BgpSessionOutput.SessionDown)
            {
                Assert.True(output is BgpSessionOutput.SessionUp != isUp, $"seed {seed}: {output} while {(isUp ? "up" : "down")}");
                isUp = !isUp;
            }
            if (output is not BgpSessionOutput.TellState told)
                continue;
            Assert.Equal(state, told.From);
            state = told.To;
        }
        Assert.Equal(isUp, world.State == BgpSessionState.Established);
        Assert.Equal(state, world.State);
    }

    /// <summary>From wherever it is, a peer that is silent from now on is sooner or later connected to again.</summary>
    private static void AssertEnds(BgpSessionWorld world, ulong seed)
    {
        if (world.Machine.Snapshot.Negotiated is { HoldTimeSeconds: 0 })
            return;
        world.KernelTakes = true;
        world.Forget();
        world.Run(TimeSpan.FromMinutes(20));
        Assert.True(world.Attempts.Any(), $"seed {seed}: nothing was tried again in {world.State}");
        Assert.True(world.State <= BgpSessionState.Active, $"seed {seed}: {world.State}");
    }
}
