using System.Collections.Generic;

namespace FerroLB.Core.Nodes;

/// <summary>
/// Reports that wait to be taken: of each kind the newest, because each states everything of its kind. So no more can wait than there are
/// kinds.
/// </summary>
public sealed class LinkReports
{
    private readonly List<LinkReport> _waiting = [];

    /// <summary>Puts a report in; it replaces one of its kind.</summary>
    public void Put(LinkReport report)
    {
        _waiting.RemoveAll(older => older.GetType() == report.GetType());
        _waiting.Add(report);
    }

    /// <summary>Takes the report that waits longest; null when there is none.</summary>
    public LinkReport? Take()
    {
        if (_waiting.Count == 0)
            return null;
        var report = _waiting[0];
        _waiting.RemoveAt(0);
        return report;
    }
}
