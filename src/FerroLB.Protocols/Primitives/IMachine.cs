namespace FerroLB.Protocols.Primitives;

/// <summary>
/// The contract of every protocol and every decision in FerroLB: a state machine without I/O, clock, randomness or threads. Its owner (a
/// loop in production, the world in the lab) feeds facts in, drains orders out, and comes back at the deadline:
/// <code>
/// machine.Handle(input, now);            // or machine.Advance(now) when NextDeadline has passed
/// while (machine.TryTake(out var order)) Execute(order);
/// WaitUntil(machine.NextDeadline);       // ask again after each call
/// </code>
/// </summary>
/// <typeparam name="TInput">Past-tense facts, for example FrameReceived.</typeparam>
/// <typeparam name="TOutput">Imperatives, for example SendFrame.</typeparam>
public interface IMachine<TInput, TOutput>
{
    /// <summary>Feeds one event. Never throws, for any event in any state; <paramref name="now"/> never goes back between calls.</summary>
    void Handle(in TInput input, Instant now);

    /// <summary>Does whatever is due. Calling it twice, or early, is harmless.</summary>
    void Advance(Instant now);

    /// <summary>When <see cref="Advance"/> wants to be called next; null when only an input can change anything. Ask again after each
    /// call.</summary>
    Instant? NextDeadline { get; }

    /// <summary>Takes the oldest pending output; false when there is none. Drain after each call.</summary>
    bool TryTake(out TOutput output);
}
