using System;
using System.Collections.Generic;
using System.Collections.Immutable;

namespace FerroLB.ApiServer.Store.Calls;

/// <summary>
/// A request that the store evaluated up to the point where webhooks must be asked; nothing has been written. Whoever can speak HTTP makes
/// the calls and hands the request in again with the answers. It is then evaluated from the beginning, with the same time and the same
/// random choices, so that what is written is what the webhooks saw; when another write came in between and they would have seen something
/// else, they are asked again.
/// </summary>
public sealed class PendingRequest
{
    private readonly ApiRequest _request;
    private readonly ImmutableArray<ConversionBatch> _batches;
    private readonly ImmutableArray<string> _keys;
    private IReadOnlyList<ExternalAnswer> _answers = [];

    internal PendingRequest(ApiRequest request, CallBook book, DateTimeOffset now, DrawTape draws)
    {
        _request = request;
        (Now, Draws, Rounds) = (now, draws, (request.Resumption?.Rounds ?? 0) + 1);
        Known = book.Known;
        (_keys, Calls, _batches) = book.Missing();
    }

    /// <summary>The calls to make, in parallel if possible.</summary>
    public ImmutableArray<ExternalCall> Calls { get; }

    /// <summary>How often the request has been evaluated.</summary>
    internal int Rounds { get; }

    /// <summary>The time of the first evaluation.</summary>
    internal DateTimeOffset Now { get; }

    /// <summary>The random choices so far.</summary>
    internal DrawTape Draws { get; }

    /// <summary>The answers so far, by what was asked.</summary>
    internal SortedDictionary<string, ExternalAnswer> Known { get; }

    /// <summary>Conversions of stored objects that could not be had.</summary>
    internal List<ConversionBatch> Failed { get; } = [];

    /// <summary>The request to hand in next.</summary>
    /// <param name="answers">One for each of <see cref="Calls"/>, in the same order.</param>
    public ApiRequest Resume(IReadOnlyList<ExternalAnswer> answers)
    {
        ArgumentNullException.ThrowIfNull(answers);
        _answers = answers;
        return _request with { Resumption = this };
    }

    /// <summary>Makes the answers known. Called by the store alone, because it changes what the store shares.</summary>
    internal void Settle()
    {
        var answers = _answers;
        _answers = [];
        if (answers.Count != Calls.Length)
            return;
        for (var i = 0; i < _keys.Length; i++)
            Known[_keys[i]] = answers[i] with { CallId = Calls[i].Id };
        for (var i = 0; i < _batches.Length; i++)
        {
            if (!_batches[i].Accept(answers[_keys.Length + i] with { CallId = Calls[_keys.Length + i].Id }))
                Failed.Add(_batches[i]);
        }
    }
}
