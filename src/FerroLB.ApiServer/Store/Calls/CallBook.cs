using System;
using System.Collections.Generic;
using System.Collections.Immutable;

namespace FerroLB.ApiServer.Store.Calls;

/// <summary>What one evaluation of a request knows from webhooks, and what it still has to ask.</summary>
internal sealed class CallBook(PendingRequest? resumption, Func<string> newCallId)
{
    private readonly List<(string Key, ExternalCall Call)> _missing = [];
    private readonly List<ConversionBatch> _batches = [];

    /// <summary>The answers so far.</summary>
    public SortedDictionary<string, ExternalAnswer> Known { get; } = resumption?.Known ?? new(StringComparer.Ordinal);

    /// <summary>The answer to a question, or null when it is not known yet; then the call is noted.</summary>
    /// <param name="key">What is asked of whom; equal keys are one question.</param>
    /// <param name="make">Makes the call with an id for the review.</param>
    public ExternalAnswer? Ask(string key, Func<string, ExternalCall> make)
    {
        if (Known.TryGetValue(key, out var answer))
            return answer;
        if (!_missing.Exists(noted => noted.Key == key))
            _missing.Add((key, make(newCallId())));
        return null;
    }

    /// <summary>Notes that stored objects must be converted.</summary>
    public void Ask(ConversionBatch batch) => _batches.Add(batch);

    /// <summary>Why a stored object could not be converted in an earlier evaluation, or null.</summary>
    public string? FailureOf(State.StoredObject stored, string apiVersion)
    {
        foreach (var batch in resumption?.Failed ?? [])
        {
            if (batch.ApiVersion == apiVersion && batch.Contains(stored))
                return batch.Error;
        }
        return null;
    }

    /// <summary>An id for a review.</summary>
    public string NewCallId() => newCallId();

    /// <summary>Ends the evaluation when something must be asked first.</summary>
    public void Require()
    {
        if (_missing.Count > 0 || _batches.Count > 0)
            throw new CallsNeededException(this);
    }

    /// <summary>What must be asked: keys for the first calls, batches for the rest.</summary>
    public (ImmutableArray<string> Keys, ImmutableArray<ExternalCall> Calls, ImmutableArray<ConversionBatch> Batches) Missing()
    {
        var keys = ImmutableArray.CreateBuilder<string>();
        var calls = ImmutableArray.CreateBuilder<ExternalCall>();
        foreach (var (key, call) in _missing)
        {
            keys.Add(key);
            calls.Add(call);
        }
        foreach (var batch in _batches)
            calls.Add(batch.Call);
        return (keys.ToImmutable(), calls.ToImmutable(), [.. _batches]);
    }
}
