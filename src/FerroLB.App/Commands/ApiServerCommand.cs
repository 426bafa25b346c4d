using System;
using System.Collections.Generic;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using FerroLB.ApiServer.Http;
using Microsoft.Extensions.Logging;

namespace FerroLB.App.Commands;

/// <summary>`ferrolb apiserver`: the embedded Kubernetes API, for machines without a cluster.</summary>
internal static class ApiServerCommand
{
    private const string Description =
        "Serves the Kubernetes API on this machine, enough of it for kubectl, client libraries and FerroLB itself: for trying YAML out, " +
        "for the demo and for tests. It stores objects and answers watches; it runs no containers. Not for production: a cluster has its " +
        "own API server.";

    private static readonly Option<IPAddress[]> Bind = new("--bind")
    {
        Description = "Address to listen on; may be repeated. 0.0.0.0 or :: listens on all. The default serves this machine only.",
        DefaultValueFactory = _ => [IPAddress.Loopback],
        CustomParser = ParseAddresses,
        HelpName = "ADDRESS",
    };

    private static readonly Option<int> Port = new("--port")
    {
        Description = "TCP port to listen on; 0 picks a free one.",
        DefaultValueFactory = _ => 6443,
        HelpName = "PORT",
    };

    private static readonly Option<string?> Data = new("--data")
    {
        Description = "Directory that keeps objects, certificate authority and token over restarts. Without it all is in memory.",
        HelpName = "DIR",
    };

    private static readonly Option<string> KubeConfig = new("--kubeconfig")
    {
        Description = "File to write for clients, once the server listens. Use it with `export KUBECONFIG=FILE`.",
        DefaultValueFactory = _ => "ferrolb.kubeconfig",
        HelpName = "FILE",
    };

    private static readonly Option<string?> TokenAuthFile = new("--token-auth-file")
    {
        Description = "File with further bearer tokens, one per line: token,user,uid,\"group1,group2\", as kube-apiserver takes it.",
        HelpName = "FILE",
    };

    private static readonly Option<string> AuthorizationMode = AuthorizationModeOption();

    private static readonly Option<string[]> ServiceAddress = new("--service-address")
    {
        Description = "Where a Service that a webhook configuration names is reached, since there is no cluster network here; may be " +
            "repeated. As in metallb-system/metallb-webhook-service=127.0.0.1:9443, or with the Service's port after its name.",
        DefaultValueFactory = _ => [],
        HelpName = "NAMESPACE/NAME=HOST:PORT",
    };

    private static readonly Option<string?> Token = new("--token")
    {
        Description = "Bearer token that clients must show. By default a random one is drawn; it is in the kubeconfig.",
        HelpName = "TOKEN",
    };

    private static readonly Option<string> Level = LogLevelOption();

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        Port.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 0 or > 65535)
                result.AddError("--port must lie between 0 and 65535.");
        });
        var command = new Command("apiserver", Description) { Bind, Port, Data, KubeConfig, Token, TokenAuthFile, AuthorizationMode,
            ServiceAddress, Level };
        command.SetAction(RunAsync);
        return command;
    }

    private static Option<string> AuthorizationModeOption()
    {
        var option = new Option<string>("--authorization-mode")
        {
            Description = "AlwaysAllow lets every known user do everything; RBAC asks roles and bindings, except for the bearer token of " +
                "the kubeconfig.",
            DefaultValueFactory = _ => "AlwaysAllow",
        };
        return option.AcceptOnlyFromAmong("AlwaysAllow", "RBAC");
    }

    private static Option<string> LogLevelOption()
    {
        var option = new Option<string>("--log-level")
        {
            Description = "How much to log to standard error.",
            DefaultValueFactory = _ => "info",
        };
        return option.AcceptOnlyFromAmong("debug", "info", "warn", "error");
    }

    private static IPAddress[] ParseAddresses(ArgumentResult result)
    {
        var addresses = new List<IPAddress>();
        foreach (Token token in result.Tokens)
        {
            if (IPAddress.TryParse(token.Value, out IPAddress? address))
                addresses.Add(address);
            else
                result.AddError($"--bind takes an IP address such as 127.0.0.1 or ::1, not '{token.Value}'.");
        }
        return [.. addresses];
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellation)
    {
        using ILoggerFactory loggers = Loggers(arguments.GetValue(Level)!);
        try
        {
            await ServeAsync(Options(arguments), loggers, cancellation).ConfigureAwait(false);
            return 0;
        }
        catch (ApiServerStartException failure)
        {
            await Console.Error.WriteLineAsync("ferrolb apiserver: " + failure.Message).ConfigureAwait(false);
            return 1;
        }
    }

    private static ApiServerOptions Options(ParseResult arguments) => new()
    {
        BindAddresses = arguments.GetValue(Bind)!,
        Port = arguments.GetValue(Port),
        DataDirectory = arguments.GetValue(Data),
        KubeConfigPath = arguments.GetValue(KubeConfig)!,
        Token = arguments.GetValue(Token),
        TokenFile = arguments.GetValue(TokenAuthFile),
        RoleBasedAccess = arguments.GetValue(AuthorizationMode) == "RBAC",
        ServiceAddresses = arguments.GetValue(ServiceAddress)!,
    };

    private static async Task ServeAsync(ApiServerOptions options, ILoggerFactory loggers, CancellationToken cancellation)
    {
        ApiServerHost host = await ApiServerHost.StartAsync(options, loggers, cancellation).ConfigureAwait(false);
        await using (host.ConfigureAwait(false))
        {
            Console.WriteLine($"The Kubernetes API is served at {host.Url}. To use it: export KUBECONFIG={options.KubeConfigPath}");
            Task stopped = Task.Delay(Timeout.Infinite, cancellation);
            Task ended = await Task.WhenAny(stopped, host.Completion).ConfigureAwait(false);
            if (ended.IsFaulted)
                throw new ApiServerStartException("stopped: " + ended.Exception!.InnerException!.Message);
        }
    }

    private static ILoggerFactory Loggers(string level) => LoggerFactory.Create(logging => logging
        .SetMinimumLevel(level switch
        {
            "debug" => LogLevel.Debug,
            "warn" => LogLevel.Warning,
            "error" => LogLevel.Error,
            _ => LogLevel.Information,
        })
        .AddFilter("Microsoft.Extensions.Hosting", LogLevel.None)
        .AddFilter("Microsoft", level == "debug" ? LogLevel.Information : LogLevel.Warning)
        .AddSimpleConsole(console => console.SingleLine = true)
        .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace));
}
