using System;
using System.Linq;
using FerroLB.Core.Nodes;
using FerroLB.Protocols.Primitives;
using FerroLB.Tests.Arp;
using Xunit;

namespace FerroLB.Tests.Nodes;

public sealed class LinkNodeFuzzTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Mutated_frames_are_counted_or_answered_and_cost_no_memory(ulong seed)
    {
        var random = new SeededRandom(seed);
        var corpus = ArpVectors.Names.Select(ArpVectors.Frame).Where(frame => frame.Length < 200).ToArray();
        var world = new LinkWorld().Links(LinkWorld.Link(2, "eth0"), LinkWorld.Link(3, "eth1")).Announce("web", "192.0.2.10");
        var buffer = new byte[256];
        Feed(world, random, corpus, buffer, 2000);

        var answered = 0;
        Assert.Equal(0, AllocationMeter.LeastBytes(() => answered += Feed(world, random, corpus, buffer, 20_000)));
        var drops = world.Node.Snapshot.ArpDrops;
        Assert.True(answered > 100);
        Assert.All(
            new[]
            {
                drops.UnknownLink, drops.Malformed, drops.NotArp, drops.VlanTag, drops.ArpReply, drops.EthernetDestination,
                drops.AnnounceIp,
            },
            count => Assert.True(count > 0));
    }

    private static int Feed(LinkWorld world, SeededRandom random, byte[][] corpus, byte[] buffer, int count)
    {
        var answered = 0;
        for (var i = 0; i < count; i++)
        {
            var length = Mutate(corpus[random.Next(corpus.Length)], random, buffer);
            world.Node.Handle(LinkInput.FrameReceived(2 + random.Next(3), buffer.AsMemory(0, length)), world.Now);
            while (world.Node.TryTake(out _))
                answered++;
        }
        return answered;
    }

    private static int Mutate(byte[] frame, SeededRandom random, byte[] buffer)
    {
        var length = Math.Min(frame.Length, buffer.Length);
        frame.AsSpan(0, length).CopyTo(buffer);
        for (var flips = random.Next(4); flips > 0 && length > 0; flips--)
            buffer[random.Next(length)] = random.Chance(0.5) ? (byte)random.Next(256) : (byte)(random.Chance(0.5) ? 0 : 255);
        return random.Chance(0.2) ? random.Next(buffer.Length + 1) : length;
    }
}
