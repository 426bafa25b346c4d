using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using FerroLB.Core.Nodes;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Tests.Loop;

/// <summary>A node whose reactions a test chooses. Notes what it was told.</summary>
internal sealed class ScriptedNode : IMachine<NodeInput, NodeOutput>
{
    private readonly Queue<NodeOutput> _outputs = new();

    /// <summary>What it was told, in order.</summary>
    public ConcurrentQueue<NodeInput> Inputs { get; } = new();

    /// <summary>What it orders upon an input.</summary>
    public Func<NodeInput, NodeOutput?> React { get; init; } =
        input => input is NodeInput.ShutdownRequested ? new NodeOutput.CompleteShutdown() : null;

    /// <summary>How often it wants to be advanced; null for never.</summary>
    public TimeSpan? Period { get; init; }

    /// <summary>How often it was.</summary>
    public int AdvanceCount { get; private set; }

    public Instant? NextDeadline { get; private set; }

    public void Handle(in NodeInput input, Instant now)
    {
        Inputs.Enqueue(input);
        NextDeadline ??= Period is { } period ? now + period : null;
        if (React(input) is { } output)
            _outputs.Enqueue(output);
    }

    public void Advance(Instant now)
    {
        AdvanceCount++;
        NextDeadline = Period is { } period ? now + period : null;
    }

    public bool TryTake(out NodeOutput output) => _outputs.TryDequeue(out output!);
}
