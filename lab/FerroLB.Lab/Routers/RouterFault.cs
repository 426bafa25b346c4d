namespace FerroLB.Lab.Routers;

/// <summary>What may be wrong with a router.</summary>
public enum RouterFault
{
    /// <summary>Its process is restarted: it has forgotten everything, and ends its connections.</summary>
    Restart,

    /// <summary>It loses its power for a while, and says nothing.</summary>
    PowerLoss,

    /// <summary>It ends its sessions again and again, by reset, by close and by NOTIFICATION.</summary>
    Storm,

    /// <summary>Everything between it and a node vanishes, while both believe in their connection.</summary>
    Silence,

    /// <summary>It reads nothing, so that its window fills.</summary>
    SlowReader,

    /// <summary>It accepts connections and says nothing on them.</summary>
    Dumb,

    /// <summary>Its OPENs are wrong: version, AS, identifier, hold time of a second.</summary>
    WrongOpen,

    /// <summary>It sends what no message is: garbage, wrong lengths, unknown types.</summary>
    Garbage,

    /// <summary>It sends messages that are not in order: malformed UPDATEs, an OPEN in the middle.</summary>
    WrongMessage,

    /// <summary>It sends what is allowed, and too much of it: routes, wishes to hear everything again, malformed attributes that do no
    /// harm.</summary>
    Flood,
}
