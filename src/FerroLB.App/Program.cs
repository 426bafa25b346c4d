using System.CommandLine;

namespace FerroLB.App;

/// <summary>The only composition root: picks a command and runs it.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        var root = new RootCommand("FerroLB: external addresses for Kubernetes Services of type LoadBalancer on bare metal.");
        return root.Parse(args).Invoke();
    }
}
