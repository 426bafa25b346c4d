namespace FerroLB.Protocols.Bgp.Session;

/// <summary>Messages of a session since it was made.</summary>
public readonly record struct BgpSessionCounters
{
    /// <summary>OPENs sent.</summary>
    public long OpensSent { get; init; }

    /// <summary>OPENs received.</summary>
    public long OpensReceived { get; init; }

    /// <summary>UPDATEs sent.</summary>
    public long UpdatesSent { get; init; }

    /// <summary>UPDATEs received.</summary>
    public long UpdatesReceived { get; init; }

    /// <summary>NOTIFICATIONs sent.</summary>
    public long NotificationsSent { get; init; }

    /// <summary>NOTIFICATIONs received.</summary>
    public long NotificationsReceived { get; init; }

    /// <summary>KEEPALIVEs sent.</summary>
    public long KeepAlivesSent { get; init; }

    /// <summary>KEEPALIVEs received.</summary>
    public long KeepAlivesReceived { get; init; }

    /// <summary>ROUTE-REFRESHes sent.</summary>
    public long RouteRefreshesSent { get; init; }

    /// <summary>ROUTE-REFRESHes received.</summary>
    public long RouteRefreshesReceived { get; init; }

    /// <summary>UPDATEs received with an error that the session survived (RFC 7606).</summary>
    public long FaultyUpdates { get; init; }

    /// <summary>Times that the session was established.</summary>
    public long Establishments { get; init; }

    /// <summary>All messages sent.</summary>
    public long TotalSent => OpensSent + UpdatesSent + NotificationsSent + KeepAlivesSent + RouteRefreshesSent;

    /// <summary>All messages received.</summary>
    public long TotalReceived =>
        OpensReceived + UpdatesReceived + NotificationsReceived + KeepAlivesReceived + RouteRefreshesReceived;
}
