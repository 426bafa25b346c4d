using System;
using System.Collections.Concurrent;
using System.Linq;
using FerroLB.Interop.Lan;
using FerroLB.Protocols.Gossip;
using FerroLB.Protocols.Gossip.Sealing;
using FerroLB.Protocols.Gossip.Wire;
using FerroLB.Protocols.Primitives;
using FerroLB.Runtime.Gossip;

namespace FerroLB.Interop.Gossip;

/// <summary>A member of ours on a host of a <see cref="TestLan"/>, over real sockets.</summary>
internal sealed class TestMember : IDisposable
{
    private readonly GossipLoop _loop;
    private readonly ConcurrentQueue<GossipOutput> _told = new();

    public TestMember(
        TestLan lan, string host, string name, string address, GossipEnvelope envelope, Func<GossipConfig, GossipConfig>? change = null)
    {
        Address = new(IpAddress.Parse(address), 7946);
        var config = new GossipConfig(name, Address);
        var options = new GossipLoopOptions(change?.Invoke(config) ?? config, envelope, Address, Seed: 1);
        _loop = NamespaceThread.Run(lan.NamespaceOf(host), () =>
        {
            var loop = new GossipLoop(options, _told.Enqueue);
            loop.Start();
            return loop;
        });
    }

    public GossipAddress Address { get; }

    public GossipSnapshot Snapshot => _loop.Snapshot;

    public long Refused => _loop.Refused;

    public GossipOutput[] Told => [.. _told];

    /// <summary>Whether the loop is still all right.</summary>
    public bool Runs => !_loop.Completion.IsCompleted;

    public void Tell(GossipInput wish) => _loop.PostAsync(wish).AsTask().Wait(TimeSpan.FromSeconds(10));

    public void Join(params string[] addresses) =>
        Tell(new GossipInput.JoinRequested([.. addresses.Select(address => new GossipAddress(IpAddress.Parse(address), 7946))]));

    /// <summary>What is thought of a member; null when it is not known.</summary>
    public GossipMemberState? StateOf(string name) => Snapshot.Members.FirstOrDefault(member => member.Name == name)?.State;

    /// <summary>Ends without a word, as a process that is killed.</summary>
    public void Dispose() => _loop.Dispose();
}
