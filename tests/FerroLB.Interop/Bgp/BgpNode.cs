using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using FerroLB.Core.Nodes;
using FerroLB.Interop.Lan;
using FerroLB.Protocols.Bgp.Session;
using FerroLB.Protocols.Bgp.Wire;
using FerroLB.Protocols.Primitives;
using FerroLB.Runtime.Bgp;

namespace FerroLB.Interop.Bgp;

/// <summary>
/// FerroLB's BGP on a host of a <see cref="TestLan"/>: the speaker's loop around one session machine, which advertises prefixes with itself
/// as next hop.
/// </summary>
internal sealed class BgpNode : IDisposable
{
    private const int Peer = 1;
    private const string Farewell = "the test is over";

    private readonly TestLan _lan;
    private readonly OneSession _machine;
    private readonly BgpLoop _loop;

    public BgpNode(TestLan lan, string host, BgpSessionConfig config, string key = "", params string[] prefixes)
    {
        _lan = lan;
        _machine = new(config with { KeyHandle = key.Length == 0 ? "" : $"key {key}" }, prefixes, Errors);
        _loop = new(_machine, _ => System.Text.Encoding.UTF8.GetBytes(key), _ => { });
        NamespaceThread.Run(lan.NamespaceOf(host), () =>
        {
            _loop.Start();
            return 0;
        });
        Tell(new BgpSessionInput.StartRequested());
        _lan.Until("the session has begun", () => _machine.Snapshot is not null);
    }

    public List<BgpSessionError> Errors { get; } = [];

    public BgpSessionSnapshot Session => _machine.Snapshot!;

    public void Tell(BgpSessionInput input) => _loop.Post(new BgpNodeInput.StreamHappened(Peer, input));

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
        Tell(new BgpSessionInput.StopRequested(BgpStopReason.AdministrativeShutdown, Farewell));
        _loop.Completion.Wait(TimeSpan.FromSeconds(60));
        _loop.Dispose();
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

    /// <summary>One session as a machine of the speaker's loop.</summary>
    private sealed class OneSession(BgpSessionConfig config, string[] prefixes, List<BgpSessionError> errors)
        : IMachine<BgpNodeInput, BgpNodeOutput>
    {
        private readonly Queue<BgpNodeOutput> _outputs = new();
        private BgpSessionMachine? _session;
        private BgpSessionSnapshot? _snapshot;

        public BgpSessionSnapshot? Snapshot => Volatile.Read(ref _snapshot);

        public Instant? NextDeadline => _session?.NextDeadline;

        public void Handle(in BgpNodeInput input, Instant now)
        {
            if (_session is null)
                Begin(now);
            switch (input)
            {
                case BgpNodeInput.StreamHappened happened:
                    _session!.Handle(happened.Input, now);
                    break;
                case BgpNodeInput.ConnectionAccepted { Caller: var caller } when caller.From == config.Peer:
                    _outputs.Enqueue(new BgpNodeOutput.AdmitConnection(caller.Connection, Peer, config.StreamOptions));
                    _session!.Handle(new BgpSessionInput.StreamAccepted(caller.Connection, caller.Local), now);
                    break;
            }
            Drain(now);
            if (input is BgpNodeInput.StreamHappened { Input: BgpSessionInput.StopRequested { Text: Farewell } })
                _outputs.Enqueue(new BgpNodeOutput.TellSilent());
        }

        public void Advance(Instant now)
        {
            _session?.Advance(now);
            Drain(now);
        }

        public bool TryTake(out BgpNodeOutput output) => _outputs.TryDequeue(out output!);

        private void Begin(Instant now)
        {
            _session = new(config, new SeededRandom(1), now);
            if (!config.IsPassive)
                return;
            var key = new BgpListenKey(config.Peer, config.KeyHandle);
            _outputs.Enqueue(new BgpNodeOutput.Listen(
                [new(new(config.Peer.Family, config.Port, ""), config.KeyHandle.Length == 0 ? [] : [key])]));
        }

        private void Drain(Instant now)
        {
            while (_session is not null && _session.TryTake(out var output))
            {
                switch (output)
                {
                    case BgpSessionOutput.OpenStream or BgpSessionOutput.WriteStream or BgpSessionOutput.CloseStream:
                        _outputs.Enqueue(new BgpNodeOutput.OrderStream(Peer, output));
                        break;
                    case BgpSessionOutput.TellError told:
                        lock (errors)
                            errors.Add(told.Error);
                        break;
                    case BgpSessionOutput.SessionUp up:
                        Advertise(up, now);
                        break;
                }
            }
            Volatile.Write(ref _snapshot, _session?.Snapshot);
        }

        private void Advertise(BgpSessionOutput.SessionUp up, Instant now)
        {
            foreach (var text in prefixes)
                _session!.Handle(new BgpSessionInput.MessagesWritten(Update(up, IpPrefix.Parse(text))), now);
            foreach (var family in new[] { BgpFamily.IPv4Unicast, BgpFamily.IPv6Unicast })
            {
                if (up.Negotiated.Speaks(family))
                    _session!.Handle(new BgpSessionInput.MessagesWritten(EndOfRib(family)), now);
            }
        }
    }
}
