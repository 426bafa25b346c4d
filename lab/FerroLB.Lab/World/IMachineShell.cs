namespace FerroLB.Lab.World;

/// <summary>
/// What stands around a machine in the lab, in the place of production's loop: carries out its orders and puts its traffic into the trace.
/// </summary>
public interface IMachineShell<TInput, TOutput>
{
    /// <summary>Carries out one order.</summary>
    void Execute(in TOutput output);

    /// <summary>Adds an input to a hash and, when it is worth a line, to the trace's tail.</summary>
    void TraceInput(in TInput input, ref TraceHash hash);

    /// <summary>Adds an output to a hash and, when it is worth a line, to the trace's tail.</summary>
    void TraceOutput(in TOutput output, ref TraceHash hash);
}
