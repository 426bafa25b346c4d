namespace FerroLB.Core.Allocation;

/// <summary>A port of a Service, as far as sharing an address is concerned.</summary>
/// <param name="Protocol">TCP, UDP or SCTP.</param>
/// <param name="Port">1-65535.</param>
public readonly record struct AllocationPort(string Protocol, int Port)
{
    /// <summary>For instance "TCP/80".</summary>
    public override string ToString() => $"{Protocol}/{Port}";
}
