using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Calls;
using FerroLB.ApiServer.Store.Json;
using FerroLB.ApiServer.Store.Requests;
using FerroLB.ApiServer.Store.Selection;
using FerroLB.ApiServer.Store.State;

namespace FerroLB.ApiServer.Store;

/// <summary>
/// One open watch: ask it after every change of <see cref="ApiStore.ResourceVersion"/>, and about once a second for bookmarks and its
/// timeout. It keeps no queue of its own but an index into the store's history, so a slow reader costs nothing; one that falls behind the
/// history is told 410.
/// </summary>
public sealed class ApiWatch
{
    private static readonly TimeSpan BookmarkInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(45);
    private static readonly TimeSpan LastBookmarkBefore = TimeSpan.FromSeconds(2);

    private readonly RequestScope _scope;
    private readonly ObjectStore _store;
    private readonly LabelSelector _labels;
    private readonly FieldSelector _fields;
    private readonly Queue<StoredObject> _initial;
    private readonly bool _bookmarks;
    private readonly DateTimeOffset _deadline;
    private ConversionBatch? _conversion;
    private string _failure = "";
    private bool _initialEndPending;
    private bool _lastBookmarkSent;
    private DateTimeOffset _lastSent;
    private long _next;
    private long _startVersion;

    internal ApiWatch(RequestScope scope, DateTimeOffset utcNow)
    {
        _scope = scope;
        _store = scope.Store;
        _labels = LabelSelector.Parse(scope.Request.QueryValue("labelSelector"));
        _fields = FieldSelector.Parse(scope.Request.QueryValue("fieldSelector"), scope.Kind, scope.Version);
        _bookmarks = scope.Request.QueryValue("allowWatchBookmarks") is "true" or "1";
        _initial = new(Start());
        _lastSent = utcNow;
        var asked = scope.Request.QueryValue("timeoutSeconds");
        var isGiven = double.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and < 1e6;
        _deadline = utcNow + (isGiven ? TimeSpan.FromSeconds(seconds) : DefaultTimeout);
    }

    /// <summary>
    /// Whether nothing more will come: the timeout passed, an ERROR was sent, the kind is gone or was defined anew, or <see cref="Close"/>
    /// was called.
    /// </summary>
    public bool Closed { get; private set; }

    /// <summary>
    /// The call to a conversion webhook without which the watch cannot go on; null when it can. Make it once, and hand the answer to
    /// <see cref="Accept"/>.
    /// </summary>
    public ExternalCall? NeededCall => _conversion?.Call;

    /// <summary>Takes the answer to <see cref="NeededCall"/>; when it is none, the watch ends with an ERROR event.</summary>
    public void Accept(ExternalAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        if (_conversion is not { } batch)
            return;
        _conversion = null;
        if (!batch.Accept(answer with { CallId = batch.Call.Id }))
            _failure = batch.Error;
    }

    /// <summary>The reader went away.</summary>
    public void Close() => Closed = true;

    /// <summary>
    /// Takes the next line {"type":...,"object":...} without line end; false when there is nothing to send now. A watch that fell behind
    /// the history gets one ERROR event with code 410 and closes.
    /// </summary>
    public bool TryTake(out ReadOnlyMemory<byte> line, DateTimeOffset utcNow)
    {
        line = default;
        if (Closed)
            return false;
        line = Next(utcNow) ?? default;
        if (line.IsEmpty)
            return false;
        _lastSent = utcNow;
        return true;
    }

    private byte[]? Next(DateTimeOffset utcNow)
    {
        if (_conversion is not null)
            return null;
        if (_failure.Length > 0)
            return Fail(ApiErrors.Conversion(_failure));
        if (_initial.TryPeek(out var existing))
        {
            if (!IsReady(existing, _initial))
                return null;
            _initial.Dequeue();
            return Line("ADDED", existing.BytesFor(_scope.Kind, _scope.Version));
        }
        if (_next < _store.History.First || (_startVersion > 0 && _startVersion < _store.History.Floor && _next == _store.History.First))
            return Expire();
        if (_initialEndPending)
        {
            _initialEndPending = false;
            return Line("BOOKMARK", JsonText.Write(Bookmark(true)));
        }
        while (_next < _store.History.End)
        {
            var change = _store.History.At(_next);
            if (!IsReady(change))
                return null;
            _next++;
            _startVersion = 0;
            if (Render(change) is { } line)
                return line;
        }
        if (utcNow >= _deadline || !ReferenceEquals(_store.Registry.Find(_scope.Kind.Group, _scope.Kind.Plural), _scope.Kind))
        {
            Closed = true;
            return null;
        }
        return BookmarkIfDue(utcNow);
    }

    private byte[]? BookmarkIfDue(DateTimeOffset utcNow)
    {
        var isLast = !_lastBookmarkSent && utcNow >= _deadline - LastBookmarkBefore;
        if (!_bookmarks || (!isLast && utcNow - _lastSent < BookmarkInterval))
            return null;
        _lastBookmarkSent |= isLast;
        return Line("BOOKMARK", JsonText.Write(Bookmark(false)));
    }

    private List<StoredObject> Start()
    {
        var version = ReadRequests.ReadVersion(_scope.Request) ?? 0;
        var sendInitial = _scope.Request.QueryValue("sendInitialEvents");
        if (sendInitial is not null && _scope.Request.QueryValue("resourceVersionMatch") != "NotOlderThan")
            throw ApiErrors.Invalid("meta.k8s.io", "ListOptions", "", [FieldError.Forbidden("resourceVersionMatch",
                "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided and set to NotOlderThan")]);
        ReadRequests.CheckNotInFuture(version, _store.Version);
        var withInitial = sendInitial is "true" or "1" || (sendInitial is null && version == 0);
        if (withInitial || version == 0)
        {
            _next = _store.History.End;
            _initialEndPending = sendInitial is "true" or "1" && _bookmarks;
            return withInitial ? Matching() : [];
        }
        _startVersion = version;
        _next = _store.History.IndexAfter(version);
        return [];
    }

    private List<StoredObject> Matching() => _scope.Kind.Table.List(_scope.CollectionNamespace).FindAll(IsSelected);

    private bool IsSelected(StoredObject stored)
    {
        if (_scope.CollectionNamespace is { } space && stored.Namespace != space)
            return false;
        if (_scope.Request.Name is { } name && stored.Name != name)
            return false;
        return _labels.Matches(stored.Labels) &&
            (_fields.IsEmpty || _fields.Matches(_scope.Kind, stored, _scope.Version));
    }

    private byte[]? Render(StoredChange change)
    {
        if (!ReferenceEquals(change.After.Kind.Table, _scope.Kind.Table))
            return null;
        var wasSelected = change.Before is not null && IsSelected(change.Before);
        var isSelected = !change.IsDeletion && IsSelected(change.After);
        if (isSelected)
            return Line(wasSelected ? "MODIFIED" : "ADDED", change.After.BytesFor(_scope.Kind, _scope.Version));
        if (!wasSelected)
            return null;
        if (change.IsDeletion)
            return Line("DELETED", change.After.BytesFor(_scope.Kind, _scope.Version));
        // Who left the selection is shown as it was when it belonged to it, with the version at which it left.
        var last = _scope.Show(change.Before!).Copy();
        last.Ensure("metadata")["resourceVersion"] = change.Version.ToString(CultureInfo.InvariantCulture);
        return Line("DELETED", JsonText.Write(last));
    }

    private JsonObject Bookmark(bool endsInitialEvents)
    {
        var metadata = new JsonObject
        {
            ["resourceVersion"] = _store.Version.ToString(CultureInfo.InvariantCulture), ["creationTimestamp"] = null,
        };
        if (endsInitialEvents)
            metadata["annotations"] = new JsonObject { ["k8s.io/initial-events-end"] = "true" };
        return new JsonObject
        {
            ["kind"] = _scope.Kind.Name, ["apiVersion"] = _scope.Kind.ApiVersion(_scope.Version), ["metadata"] = metadata,
        };
    }

    private byte[] Expire() => Fail(ApiErrors.Expired($"too old resource version: {_startVersion} ({_store.History.Floor})"));

    private byte[] Fail(ApiException error)
    {
        Closed = true;
        return Line("ERROR", JsonText.Write(error.ToStatus()));
    }

    private bool IsReady(StoredChange change)
    {
        if (_scope.Kind.Conversion is null || !ReferenceEquals(change.After.Kind.Table, _scope.Kind.Table))
            return true;
        var objects = new List<StoredObject> { change.After };
        if (change.Before is { } before)
            objects.Add(before);
        return IsReady(change.After, objects) && (change.Before is null || IsReady(change.Before, objects));
    }

    // What must be converted for one event is converted together with what follows.
    private bool IsReady(StoredObject stored, IEnumerable<StoredObject> following)
    {
        if (stored.TryShow(_scope.Kind, _scope.Version, out _))
            return true;
        var missing = new List<StoredObject>();
        foreach (var other in following)
        {
            if (!other.TryShow(_scope.Kind, _scope.Version, out _))
                missing.Add(other);
        }
        _conversion = new ConversionBatch(_scope.Kind, _scope.Version, missing, _store.NewCallId());
        return false;
    }

    private static byte[] Line(string type, byte[] body)
    {
        var head = Encoding.UTF8.GetBytes($"{{\"type\":\"{type}\",\"object\":");
        var line = new byte[head.Length + body.Length + 1];
        head.CopyTo(line, 0);
        body.CopyTo(line, head.Length);
        line[^1] = (byte)'}';
        return line;
    }
}
