using System;
using System.IO;
using System.Linq;
using FerroLB.Interop.Lan;

namespace FerroLB.Benchmarks;

/// <summary>The executable that the benchmarks of whole processes measure.</summary>
internal static class ShippedForm
{
    /// <summary>FERROLB_BINARY, or the form that ships, published now.</summary>
    public static string Executable()
    {
        if (Environment.GetEnvironmentVariable("FERROLB_BINARY") is { Length: > 0 } binary)
            return binary;
        Console.Error.WriteLine("publishing ferrolb ...");
        var project = Tool.InRepository("src/FerroLB.App");
        Tool.Run("dotnet", "publish", project, "-c", "Release", "--use-current-runtime", "-v", "q", "--nologo");
        var directory = Tool.InRepository("artifacts/publish/FerroLB.App");
        return Directory.GetFiles(directory, "ferrolb", SearchOption.AllDirectories).MaxBy(File.GetLastWriteTimeUtc)!;
    }
}
