using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Primitives;
using FerroLB.Protocols.RouterDiscovery;

namespace FerroLB.Core.Nodes;

/// <summary>
/// The routers of peers that name an interface instead of an address. Each such interface is advertised on and listened to as long as a
/// peer names it and it is up with a link-local address; what was found there is forgotten when it goes.
/// </summary>
internal sealed class BgpRouters(Queue<BgpNodeOutput> outputs, SeededRandom random)
{
    private readonly RouterDiscoveryMachine _machine = new(random);
    private readonly SortedDictionary<int, IpAddress> _found = [];
    private ImmutableArray<int> _links = [];
    private string _problem = "";

    /// <summary>When something is due.</summary>
    public Instant? NextDeadline => _machine.NextDeadline;

    /// <summary>Uses the interfaces of these names.</summary>
    public void Use(IEnumerable<string> names, IReadOnlyList<LinkState> links, Instant now)
    {
        var wanted = names.ToImmutableSortedSet(StringComparer.Ordinal);
        var usable = links.Where(link => wanted.Contains(link.Name) && LocalOf(link) is not null).ToList();
        ImmutableArray<int> indices = [.. usable.Select(link => link.Index).Order()];
        foreach (var gone in _links.Except(indices).ToList())
        {
            _found.Remove(gone);
            _machine.Handle(new RouterDiscoveryInput.LinkUnwanted(gone), now);
        }
        if (!indices.SequenceEqual(_links))
            outputs.Enqueue(new BgpNodeOutput.HearRouters(indices));
        _links = indices;
        foreach (var link in usable)
            _machine.Handle(new RouterDiscoveryInput.LinkWanted(link.Index, LocalOf(link)!.Value, link.Mac), now);
        Drain();
    }

    /// <summary>Takes a message; whether another router than before was found.</summary>
    public bool Take(BgpNodeInput.RouterMessageReceived message, Instant now)
    {
        _machine.Handle(new RouterDiscoveryInput.MessageReceived(message.LinkIndex, message.Source, message.Message), now);
        return Drain();
    }

    /// <summary>Takes that no interface can be heard.</summary>
    public void Fail(string reason) => _problem = reason;

    /// <summary>Sends what is due.</summary>
    public void Advance(Instant now)
    {
        _machine.Advance(now);
        Drain();
    }

    /// <summary>The router on an interface; null, with words about what it lacks.</summary>
    public LinkRouter? Find(string name, IReadOnlyList<LinkState> links, out string problem)
    {
        problem = "";
        var link = links.FirstOrDefault(link => link.Name == name);
        if (link is null)
            problem = $"this node has no interface {name}";
        else if (!link.IsUp || !link.HasCarrier)
            problem = $"interface {name} is down";
        else if (LocalOf(link) is null)
            problem = $"interface {name} has no IPv6 link-local address";
        else if (_problem.Length > 0)
            problem = $"router advertisements cannot be heard: {_problem}";
        else if (!_found.TryGetValue(link.Index, out var router))
            problem = $"no router has advertised itself on interface {name} yet";
        else
            return new(link.Index, router);
        return null;
    }

    private static IpAddress? LocalOf(LinkState link) => link is not { IsUp: true, HasCarrier: true }
        ? null
        : link.Addresses.Where(entry => entry.Address is { IsIPv6: true, IsLinkLocal: true })
            .Select(entry => (IpAddress?)entry.Address).FirstOrDefault();

    private bool Drain()
    {
        var isNew = false;
        while (_machine.TryTake(out var output))
        {
            switch (output)
            {
                case RouterDiscoveryOutput.SendMessage send:
                    outputs.Enqueue(new BgpNodeOutput.SendRouterMessage(send.LinkIndex, send.Destination, send.Message));
                    break;
                case RouterDiscoveryOutput.TellRouter told:
                    _found[told.LinkIndex] = told.Router;
                    isNew = true;
                    break;
            }
        }
        return isNew;
    }
}
