using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Interop.Lan;
using FerroLB.Protocols.Bgp.Session;
using FerroLB.Protocols.Bgp.Wire;
using FerroLB.Protocols.Primitives;
using FerroLB.Runtime.Bgp;

namespace FerroLB.Interop.Bgp;

/// <summary>FerroLB's BGP on a host of a <see cref="TestLan"/>, with one peer, to which it advertises prefixes with itself as next
/// hop.</summary>
internal sealed class BgpNode : IDisposable
{
    private const int Peer = 1;

    private readonly TestLan _lan;
    private readonly BgpLoop _loop;
    private readonly string[] _prefixes;

    public BgpNode(TestLan lan, string host, BgpSessionConfig config, string key = "", params string[] prefixes)
    {
        (_lan, _prefixes) = (lan, prefixes);
        _loop = new(1, _ => System.Text.Encoding.UTF8.GetBytes(key), Take);
        NamespaceThread.Run(lan.NamespaceOf(host), () =>
        {
            if (config.IsPassive)
                _loop.Listen(179, "");
            _loop.Start();
            return 0;
        });
        _loop.AddAsync(Peer, config with { KeyHandle = key.Length == 0 ? "" : $"key {key}" }).AsTask().Wait();
        Tell(new BgpSessionInput.StartRequested());
    }

    public List<BgpSessionError> Errors { get; } = [];

    public BgpSessionSnapshot Session => _loop.SnapshotAsync(Peer).GetAwaiter().GetResult()!;

    public void Tell(BgpSessionInput input) => _loop.PostAsync(Peer, input).AsTask().Wait();

    public void UntilState(BgpSessionState state)
    {
        var last = "";
        try
        {
            _lan.Until($"the session is {state}", () =>
            {
                var session = Session;
                last = session.ToString();
                return session.State == state;
            });
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{last}\n{e.Message}", e);
        }
    }

    public void UntilError(string text) =>
        _lan.Until($"the error says {text}, not {string.Join("; ", Errors.Select(error => error.Text))}", () =>
        {
            lock (Errors)
                return Errors.Exists(error => error.Text.Contains(text, StringComparison.Ordinal));
        });

    public void Dispose()
    {
        Tell(new BgpSessionInput.StopRequested(BgpStopReason.AdministrativeShutdown, "the test is over"));
        _ = Session;
        _loop.Dispose();
        _loop.Completion.Wait(TimeSpan.FromSeconds(60));
    }

    private void Take(int peer, BgpSessionOutput output)
    {
        if (output is BgpSessionOutput.TellError told)
        {
            lock (Errors)
                Errors.Add(told.Error);
        }
        if (output is not BgpSessionOutput.SessionUp up)
            return;
        foreach (var text in _prefixes)
        {
            var prefix = IpPrefix.Parse(text);
            _ = _loop.PostAsync(peer, new BgpSessionInput.MessagesWritten(Update(up, prefix))).AsTask();
        }
        foreach (var family in new[] { BgpFamily.IPv4Unicast, BgpFamily.IPv6Unicast })
        {
            if (up.Negotiated.Speaks(family))
                _ = _loop.PostAsync(peer, new BgpSessionInput.MessagesWritten(EndOfRib(family))).AsTask();
        }
    }

    private static byte[] EndOfRib(BgpFamily family)
    {
        var message = new byte[BgpUpdateWriter.OverheadBytes];
        return message[..BgpUpdateWriter.WriteEndOfRib(message, family)];
    }

    private static byte[] Update(BgpSessionOutput.SessionUp up, IpPrefix prefix)
    {
        var family = BgpFamily.UnicastOf(prefix.Family);
        var nextHop = new BgpNextHop(up.Local);
        var attributes = new BgpAttributes
        {
            Origin = BgpOrigin.Igp,
            AsPath = up.Negotiated.IsInternal ? BgpAsPath.Empty : BgpAsPath.Of(up.Negotiated.LocalAsn),
            LocalPref = up.Negotiated.IsInternal ? 100 : null,
        };
        IpAddress? plain = BgpUpdateWriter.UsesNlriField(family, nextHop) ? up.Local : null;
        var octets = new byte[BgpAttributeWriter.SizeBytes(attributes, plain is not null, up.Negotiated.FourOctetAs)];
        BgpAttributeWriter.Write(octets, attributes, plain, up.Negotiated.FourOctetAs);
        var message = new byte[up.Negotiated.MostMessageBytes];
        var update = BgpUpdateWriter.Announce(message, family, nextHop, octets);
        update.TryAdd(prefix);
        return message[..update.Finish()];
    }
}
