using FerroLB.Protocols.Bfd;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Tests.Bfd;

/// <summary>Steps that tests take with an engine.</summary>
internal static class BfdEngineSteps
{
    /// <summary>Does what is due; false when the engine still wants the same.</summary>
    public static bool Advancing(this BfdEngineMachine engine, Instant now)
    {
        engine.Advance(now);
        return !(engine.NextDeadline <= now);
    }
}
