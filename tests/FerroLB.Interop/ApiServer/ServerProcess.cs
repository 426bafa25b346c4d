using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading.Tasks;

namespace FerroLB.Interop.ApiServer;

/// <summary>One real `ferrolb apiserver` process with a directory of its own for data, kubeconfig and kubectl's caches.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private readonly ConcurrentQueue<string> _log = new();
    private Process? _process;

    /// <summary>Makes a server that is not started yet.</summary>
    public ServerProcess() => Directory.CreateDirectory(Home);

    /// <summary>The directory of this server, removed at the end.</summary>
    public string Home { get; } = Path.Combine(Path.GetTempPath(), "flb-api-" + Path.GetRandomFileName());

    public string DataDirectory => Path.Combine(Home, "data");

    public string DataFile => Path.Combine(DataDirectory, "store.log");

    public string KubeConfig => Path.Combine(Home, "kubeconfig");

    /// <summary>Flags beside the usual ones.</summary>
    public IReadOnlyList<string> MoreArguments { get; set; } = [];

    /// <summary>What it printed so far, both streams.</summary>
    public string Log => string.Join('\n', _log);

    /// <summary>For kubectl: the kubeconfig and a home, where kubectl keeps what it learnt of a server.</summary>
    public IReadOnlyDictionary<string, string> Environment =>
        new SortedDictionary<string, string>(StringComparer.Ordinal) { ["KUBECONFIG"] = KubeConfig, ["HOME"] = Home };

    /// <summary>Starts the process and waits until it answers.</summary>
    /// <param name="port">0 for a free one; a restart that clients shall not notice needs the old one.</param>
    public async Task StartAsync(int port = 0)
    {
        File.Delete(KubeConfig);
        _log.Clear();
        string[] arguments =
            ["apiserver", "--port", $"{port}", "--data", DataDirectory, "--kubeconfig", KubeConfig, .. MoreArguments];
        _process = CommandResult.Start(Shell.Ferrolb, arguments, Environment);
        _process.OutputDataReceived += Remember;
        _process.ErrorDataReceived += Remember;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        bool ready = await Shell.UntilAsync(StartLimit, () => Task.FromResult(File.Exists(KubeConfig) || _process.HasExited));
        if (!ready || _process.HasExited)
            throw new InvalidOperationException("the server did not start: " + Log);
    }

    /// <summary>SIGKILL, at once.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM; the exit code.</summary>
    public async Task<int> TerminateAsync()
    {
        await CommandResult.RunAsync("/bin/sh", ["-c", $"kill -TERM {_process!.Id}"], new SortedDictionary<string, string>());
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    /// <summary>A client with the kubeconfig's authority and token, for what kubectl cannot do.</summary>
    public HttpClient Client(bool withToken = true)
    {
        string authority = Encoding.UTF8.GetString(Convert.FromBase64String(Setting("certificate-authority-data")));
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(X509Certificate2.CreateFromPem(authority));
        var handler = new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy } };
        var client = new HttpClient(handler) { BaseAddress = new Uri(Setting("server")) };
        if (withToken)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Setting("token"));
        return client;
    }

    public int Port => new Uri(Setting("server")).Port;

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
            await KillAsync();
        _process?.Dispose();
        Directory.Delete(Home, recursive: true);
    }

    private string Setting(string key) => File.ReadLines(KubeConfig).Select(line => line.Trim())
        .First(line => line.StartsWith(key + ": ", StringComparison.Ordinal))[(key.Length + 2)..];

    private void Remember(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is not null)
            _log.Enqueue(line.Data);
    }
}
