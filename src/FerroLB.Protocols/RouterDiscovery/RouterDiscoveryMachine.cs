using System;
using System.Collections.Generic;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.RouterDiscovery;

/// <summary>
/// Finds the router at the other end of an interface, and lets itself be found: how sessions come about without configured addresses.
/// <code>
/// LinkWanted --> a solicitation (three, until somebody answers) and an advertisement, then one more every seven to ten seconds
/// advertisement heard --> TellRouter, and one of ours straight back to a router that is new, so that neither waits for the other
/// solicitation heard  --> an advertisement within half a second
/// </code>
/// Ours say that we are no default router (lifetime 0): hosts on the link that hear them change nothing. Only link-local sources count, as
/// RFC 4861 6.1 demands; multicast advertisements are three seconds apart at least (section 6.2.6).
/// <para>
/// An interface has one router. It stays the one while it is heard, and when it falls silent until another is heard: whether it is alive
/// is for BGP and BFD to tell.
/// </para>
/// </summary>
public sealed class RouterDiscoveryMachine(SeededRandom random) : IMachine<RouterDiscoveryInput, RouterDiscoveryOutput>
{
    /// <summary>How long a router must not have been heard before another takes its place.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);

    private const int MostSolicitations = 3;
    private static readonly TimeSpan BetweenSolicitations = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan LeastBetweenAdvertisements = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LeastInterval = TimeSpan.FromSeconds(7);
    private static readonly TimeSpan MostInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan MostAnswerDelay = TimeSpan.FromSeconds(0.5);
    private static readonly IpAddress AllNodes = IpAddress.Parse("ff02::1");
    private static readonly IpAddress AllRouters = IpAddress.Parse("ff02::2");

    private readonly SortedDictionary<int, Link> _links = [];
    private readonly Queue<RouterDiscoveryOutput> _outputs = new();

    /// <inheritdoc/>
    public Instant? NextDeadline
    {
        get
        {
            Instant? due = null;
            foreach (var (_, link) in _links)
                due = Instant.Earlier(due, Instant.Earlier(link.AdvertiseDue, link.SolicitDue));
            return due;
        }
    }

    /// <inheritdoc/>
    public void Handle(in RouterDiscoveryInput input, Instant now)
    {
        switch (input)
        {
            case RouterDiscoveryInput.LinkWanted wanted:
                Want(wanted, now);
                break;
            case RouterDiscoveryInput.LinkUnwanted unwanted:
                _links.Remove(unwanted.LinkIndex);
                break;
            case RouterDiscoveryInput.MessageReceived received when
                _links.TryGetValue(received.LinkIndex, out var link) && RouterMessage.TryRead(received.Message.Span, out var message):
                Take(received.LinkIndex, link, received.Source, message.Type, now);
                break;
        }
    }

    /// <inheritdoc/>
    public void Advance(Instant now)
    {
        foreach (var (index, link) in _links)
        {
            if (link.SolicitDue <= now)
                Solicit(index, link, now);
            if (link.AdvertiseDue <= now)
                AdvertiseToAll(index, link, now);
        }
    }

    /// <inheritdoc/>
    public bool TryTake(out RouterDiscoveryOutput output) => _outputs.TryDequeue(out output!);

    private void Want(RouterDiscoveryInput.LinkWanted wanted, Instant now)
    {
        if (_links.TryGetValue(wanted.LinkIndex, out var link))
        {
            if ((link.Local, link.Mac) == (wanted.Local, wanted.Mac))
                return;
            (link.Local, link.Mac) = (wanted.Local, wanted.Mac);
            Hasten(link, TimeSpan.Zero, now);
            return;
        }
        _links[wanted.LinkIndex] = link = new() { Local = wanted.Local, Mac = wanted.Mac, SolicitationsLeft = MostSolicitations };
        AdvertiseToAll(wanted.LinkIndex, link, now);
        Solicit(wanted.LinkIndex, link, now);
    }

    private void Take(int index, Link link, IpAddress source, RouterMessageType type, Instant now)
    {
        if (source == link.Local)
            return;
        if (type == RouterMessageType.Solicitation)
        {
            Hasten(link, random.Between(TimeSpan.Zero, MostAnswerDelay), now);
            return;
        }
        if (!source.IsIPv6 || !source.IsLinkLocal)
            return;
        link.SolicitDue = null;
        if (source == link.Router)
        {
            link.HeardAt = now;
            return;
        }
        if (link.Router is not null && now < link.HeardAt + Silence)
            return;
        (link.Router, link.HeardAt) = (source, now);
        _outputs.Enqueue(new RouterDiscoveryOutput.TellRouter(index, source));
        Send(index, source, RouterMessageType.Advertisement, link.Mac);
    }

    private static void Hasten(Link link, TimeSpan delay, Instant now)
    {
        var due = now + delay;
        var allowed = link.AdvertisedAt + LeastBetweenAdvertisements;
        due = due < allowed ? allowed : due;
        if (due < link.AdvertiseDue)
            link.AdvertiseDue = due;
    }

    private void AdvertiseToAll(int index, Link link, Instant now)
    {
        link.AdvertisedAt = now;
        link.AdvertiseDue = now + random.Between(LeastInterval, MostInterval);
        Send(index, AllNodes, RouterMessageType.Advertisement, link.Mac);
    }

    private void Solicit(int index, Link link, Instant now)
    {
        link.SolicitDue = --link.SolicitationsLeft > 0 ? now + BetweenSolicitations : null;
        Send(index, AllRouters, RouterMessageType.Solicitation, link.Mac);
    }

    private void Send(int index, IpAddress destination, RouterMessageType type, MacAddress mac)
    {
        var octets = new byte[RouterMessage.MostBytes];
        var length = new RouterMessage(type) { LinkLayerAddress = mac == MacAddress.Zero ? null : mac }.Write(octets);
        _outputs.Enqueue(new RouterDiscoveryOutput.SendMessage(index, destination, octets.AsMemory(0, length)));
    }

    /// <summary>An interface on which a router is looked for.</summary>
    private sealed class Link
    {
        public IpAddress Local { get; set; }

        public MacAddress Mac { get; set; }

        public IpAddress? Router { get; set; }

        /// <summary>When the router was last heard.</summary>
        public Instant HeardAt { get; set; }

        public int SolicitationsLeft { get; set; }

        public Instant? SolicitDue { get; set; }

        public Instant AdvertiseDue { get; set; }

        public Instant AdvertisedAt { get; set; }
    }
}
