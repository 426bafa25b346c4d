using System.Collections.Generic;
using FerroLB.Core.Status;
using FerroLB.Protocols.Announcing;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>
/// Log lines and metric changes of the link loop that wait to be taken, in order. Beyond 1,024 waiting outputs new log lines are
/// counted instead of kept, and a line says how many were lost. Metric changes are kept always: each belongs to one change of one
/// address.
/// </summary>
internal sealed class LinkEvents
{
    private const int MostWaiting = 1024;
    private const string RequestsReceived = "metallb_layer2_requests_received";
    private const string ResponsesSent = "metallb_layer2_responses_sent";
    private const string GratuitousSent = "metallb_layer2_gratuitous_sent";

    private const string Conflicts = "ferrolb_layer2_conflicts_total";

    private readonly Queue<LinkOutput> _waiting = new();
    private readonly SortedSet<IpAddress> _claimed = [];
    private long _lostLines;

    public void Add(LogEvent line)
    {
        if (_waiting.Count < MostWaiting)
            _waiting.Enqueue(LinkOutput.WriteLog(line));
        else
            _lostLines++;
    }

    public void Add(MetricChange change) => _waiting.Enqueue(LinkOutput.ChangeMetric(change));

    public void AddCounts(in AnnouncementCounts counts)
    {
        AddCount(RequestsReceived, counts.RequestsReceived, counts.Address);
        AddCount(ResponsesSent, counts.ResponsesSent, counts.Address);
        AddCount(GratuitousSent, counts.GratuitousSent, counts.Address);
    }

    public void CountClaim(IpAddress address)
    {
        _claimed.Add(address);
        AddCount(Conflicts, 1, address);
    }

    public void RemoveCounts(IpAddress address)
    {
        foreach (var name in (string[])[RequestsReceived, ResponsesSent, GratuitousSent])
            AddChange(MetricOperation.Remove, name, 0, address);
        if (_claimed.Remove(address))
            AddChange(MetricOperation.Remove, Conflicts, 0, address);
    }

    public bool TryTake(out LinkOutput output)
    {
        if (_waiting.TryDequeue(out output))
            return true;
        if (_lostLines == 0)
            return false;
        output = LinkOutput.WriteLog(LinkLog.LinesLost(_lostLines));
        _lostLines = 0;
        return true;
    }

    private void AddCount(string name, long count, IpAddress address)
    {
        if (count > 0)
            AddChange(MetricOperation.Add, name, count, address);
    }

    private void AddChange(MetricOperation operation, string name, double value, IpAddress address) =>
        _waiting.Enqueue(LinkOutput.ChangeMetric(new(operation, name, value, new LogField("ip", address.ToString()))));
}
