using System;
using System.Collections.Generic;
using FerroLB.Core.Status;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>Which order a <see cref="LinkOutput"/> carries.</summary>
public enum LinkOutputKind : byte
{
    /// <summary>Send a frame from an interface.</summary>
    SendFrame,

    /// <summary>Listen on an interface for ARP requests for exactly these addresses, or stop listening.</summary>
    SetArpFilter,

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

    /// <summary>For SendFrame and SetArpFilter: the interface's index.</summary>
    public int LinkIndex { get; private init; }

    /// <summary>For SendFrame: the frame from the destination MAC on. Valid until the machine is called again.</summary>
    public ReadOnlyMemory<byte> Frame { get; private init; }

    /// <summary>For SetArpFilter: the IPv4 addresses to hear requests for, sorted; null closes the interface's socket.</summary>
    public IReadOnlyList<IpAddress>? Addresses { get; private init; }

    /// <summary>For Report: what to tell.</summary>
    public LinkReport? Report { get; private init; }

    /// <summary>For WriteLog: the line.</summary>
    public LogEvent? Log { get; private init; }

    /// <summary>For ChangeMetric: the change.</summary>
    public MetricChange? Metric { get; private init; }

    /// <summary>Orders a frame to be sent.</summary>
    public static LinkOutput SendFrame(int linkIndex, ReadOnlyMemory<byte> frame) =>
        new() { Kind = LinkOutputKind.SendFrame, LinkIndex = linkIndex, Frame = frame };

    /// <summary>Orders an interface to be listened on, or (null) no longer.</summary>
    public static LinkOutput SetArpFilter(int linkIndex, IReadOnlyList<IpAddress>? addresses) =>
        new() { Kind = LinkOutputKind.SetArpFilter, LinkIndex = linkIndex, Addresses = addresses };

    /// <summary>Orders a report to the control loop.</summary>
    public static LinkOutput TellControl(LinkReport report) => new() { Kind = LinkOutputKind.Report, Report = report };

    /// <summary>Orders a log line.</summary>
    public static LinkOutput WriteLog(LogEvent line) => new() { Kind = LinkOutputKind.WriteLog, Log = line };

    /// <summary>Orders a metric change.</summary>
    public static LinkOutput ChangeMetric(MetricChange change) => new() { Kind = LinkOutputKind.ChangeMetric, Metric = change };
}
