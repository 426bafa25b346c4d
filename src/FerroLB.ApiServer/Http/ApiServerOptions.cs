using System.Collections.Generic;
using System.Net;
using FerroLB.ApiServer.Http.Faults;
using FerroLB.ApiServer.Store;

namespace FerroLB.ApiServer.Http;

/// <summary>What a user chooses when starting the embedded API server.</summary>
public sealed record ApiServerOptions
{
    /// <summary>The addresses to listen on; loopback unless the user says otherwise.</summary>
    public IReadOnlyList<IPAddress> BindAddresses { get; init; } = [IPAddress.Loopback];

    /// <summary>The TCP port, 0 to 65535; 0 lets the kernel choose one (of the first bind address, then used for all).</summary>
    public int Port { get; init; } = 6443;

    /// <summary>Where objects, authority and token are kept; null keeps everything in memory.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>The kubeconfig file to write once the server listens.</summary>
    public required string KubeConfigPath { get; init; }

    /// <summary>Where Services that webhooks name are reached: NAMESPACE/NAME[:PORT]=HOST:PORT.</summary>
    public IReadOnlyList<string> ServiceAddresses { get; init; } = [];

    /// <summary>Makes the server misbehave, for tests of clients; null, as always outside of tests, for good behaviour.</summary>
    public IHttpFaults? Faults { get; init; }

    /// <summary>A file of further tokens, as <see cref="Authentication.TokenFile"/> describes it; null for none.</summary>
    public string? TokenFile { get; init; }

    /// <summary>Whether requests must be allowed by RBAC, except those with the administrator's token.</summary>
    public bool RoleBasedAccess { get; init; }

    /// <summary>What the store allows itself; null for the defaults.</summary>
    public ApiStoreOptions? Store { get; init; }

    /// <summary>The bearer token to demand; null uses the kept one or draws a new one.</summary>
    public string? Token { get; init; }
}
