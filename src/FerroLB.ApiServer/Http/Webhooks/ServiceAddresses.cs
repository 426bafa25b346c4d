using System;
using System.Collections.Generic;
using System.Globalization;
using System.Net;

namespace FerroLB.ApiServer.Http.Webhooks;

/// <summary>
/// Where Services of the cluster are reached from here, since this machine has no cluster network: entries NAMESPACE/NAME[:PORT]=HOST:PORT.
/// </summary>
public sealed class ServiceAddresses
{
    private readonly SortedDictionary<string, DnsEndPoint> _entries = new(StringComparer.Ordinal);

    /// <summary>Reads entries; later ones replace earlier ones of the same Service and port.</summary>
    /// <exception cref="FormatException">An entry has not the form; the message tells which and what the form is.</exception>
    public ServiceAddresses(IEnumerable<string> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        foreach (string entry in entries)
        {
            int equals = entry.IndexOf('=', StringComparison.Ordinal);
            int slash = entry.IndexOf('/', StringComparison.Ordinal);
            if (slash <= 0 || equals <= slash + 1 || EndPoint(entry[(equals + 1)..]) is not { } target)
            {
                throw new FormatException($"--service-address takes NAMESPACE/NAME=HOST:PORT or NAMESPACE/NAME:PORT=HOST:PORT, as in " +
                    $"metallb-system/webhook-service=127.0.0.1:9443, not '{entry}'.");
            }
            _entries[entry[..equals]] = target;
        }
    }

    /// <summary>The address of a Service's port; null when none is known.</summary>
    public DnsEndPoint? Find(string @namespace, string name, int port) =>
        _entries.GetValueOrDefault(string.Create(CultureInfo.InvariantCulture, $"{@namespace}/{name}:{port}"))
        ?? _entries.GetValueOrDefault($"{@namespace}/{name}");

    private static DnsEndPoint? EndPoint(string text)
    {
        int colon = text.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port)
            || port == 0)
            return null;
        return new DnsEndPoint(text[..colon].Trim('[', ']'), port);
    }
}
