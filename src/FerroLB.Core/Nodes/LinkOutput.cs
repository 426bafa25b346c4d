using System;
using System.Collections.Generic;
using FerroLB.Core.Status;
using FerroLB.Protocols.Announcing;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>Which order a <see cref="LinkOutput"/> carries.</summary>
public enum LinkOutputKind : byte
{
    /// <summary>Send a frame from an interface.</summary>
    SendFrame,

    /// <summary>Listen on an interface for ARP requests for exactly these addresses, or stop listening.</summary>
    SetArpFilter,

    /// <summary>Listen on an interface for Neighbor Solicitations for exactly these addresses, or stop listening.</summary>
    SetNdpFilter,

    /// <summary>Become a member of an IPv6 multicast group on an interface.</summary>
    JoinGroup,

    /// <summary>Be a member of the group no longer; harmless when the interface is gone.</summary>
    LeaveGroup,

    /// <summary>Hear the heartbeats that are sent to a group on an interface.</summary>
    HearHeartbeats,

    /// <summary>Hear them no longer; harmless when the interface is gone.</summary>
    IgnoreHeartbeats,

    /// <summary>Sign a heartbeat and send it to a group from an interface.</summary>
    SendHeartbeat,

    /// <summary>Tell the control loop something.</summary>
    Report,

    /// <summary>Write a log line.</summary>
    WriteLog,

    /// <summary>Change a metric.</summary>
    ChangeMetric,
}

/// <summary>What a speaker's link loop orders. A struct, for the same reason as <see cref="LinkInput"/>.</summary>
public readonly struct LinkOutput
{
    /// <summary>Which order this is.</summary>
    public LinkOutputKind Kind { get; private init; }

    /// <summary>For everything that concerns one interface: its index.</summary>
    public int LinkIndex { get; private init; }

    /// <summary>For SendFrame: the frame from the destination MAC on; for SendHeartbeat: the heartbeat. Valid until the machine is called
    /// again.</summary>
    public ReadOnlyMemory<byte> Frame { get; private init; }

    /// <summary>For the filters: the addresses to hear requests for, sorted; null closes the interface's socket.</summary>
    public IReadOnlyList<IpAddress>? Addresses { get; private init; }

    /// <summary>For JoinGroup, LeaveGroup and the heartbeats: the group.</summary>
    public IpAddress Group { get; private init; }

    /// <summary>For Report: what to tell.</summary>
    public LinkReport? Report { get; private init; }

    /// <summary>For WriteLog: the line.</summary>
    public LogEvent? Log { get; private init; }

    /// <summary>For ChangeMetric: the change.</summary>
    public MetricChange? Metric { get; private init; }

    /// <summary>Passes on what an announcer orders.</summary>
    public static LinkOutput From(in AnnouncerOutput order, LinkOutputKind filterKind) => new()
    {
        Kind = order.Kind switch
        {
            AnnouncerOutputKind.SendFrame => LinkOutputKind.SendFrame,
            AnnouncerOutputKind.JoinGroup => LinkOutputKind.JoinGroup,
            AnnouncerOutputKind.LeaveGroup => LinkOutputKind.LeaveGroup,
            _ => filterKind,
        },
        LinkIndex = order.LinkIndex,
        Frame = order.Frame,
        Addresses = order.Addresses,
        Group = order.Group,
    };

    /// <summary>Orders a heartbeat to be sent.</summary>
    public static LinkOutput SendHeartbeat(int linkIndex, ReadOnlyMemory<byte> heartbeat, IpAddress group) =>
        new() { Kind = LinkOutputKind.SendHeartbeat, LinkIndex = linkIndex, Frame = heartbeat, Group = group };

    /// <summary>Orders heartbeats to be heard, or no longer.</summary>
    public static LinkOutput HearHeartbeats(int linkIndex, IpAddress group, bool hears) => new()
    {
        Kind = hears ? LinkOutputKind.HearHeartbeats : LinkOutputKind.IgnoreHeartbeats,
        LinkIndex = linkIndex,
        Group = group,
    };

    /// <summary>Orders a report to the control loop.</summary>
    public static LinkOutput TellControl(LinkReport report) => new() { Kind = LinkOutputKind.Report, Report = report };

    /// <summary>Orders a log line.</summary>
    public static LinkOutput WriteLog(LogEvent line) => new() { Kind = LinkOutputKind.WriteLog, Log = line };

    /// <summary>Orders a metric change.</summary>
    public static LinkOutput ChangeMetric(MetricChange change) => new() { Kind = LinkOutputKind.ChangeMetric, Metric = change };
}
