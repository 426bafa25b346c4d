using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Interop.Lan;
using FerroLB.Protocols.Bfd;
using FerroLB.Runtime.Bfd;

namespace FerroLB.Interop.Bfd;

/// <summary>FerroLB's BFD on a host of a <see cref="TestLan"/>.</summary>
internal sealed class BfdNode : IDisposable
{
    private readonly BfdLoop _loop;
    private readonly TestLan _lan;

    public BfdNode(TestLan lan, string host)
    {
        _lan = lan;
        LinkIndex = lan.IndexOf(host);
        _loop = new(1, Add, Warn);
        NamespaceThread.Run(lan.NamespaceOf(host), () =>
        {
            _loop.Start();
            return 0;
        });
    }

    public int LinkIndex { get; }

    public List<BfdStateChange> Changes { get; } = [];

    public List<string> Warnings { get; } = [];

    public BfdSessionSnapshot? Session => _loop.Sessions.SingleOrDefault();

    public void Want(BfdSessionKey key, BfdSessionConfig config) => _loop.Post(BfdInput.SessionWanted(key, config));

    public void Post(BfdInput wish) => _loop.Post(wish);

    public void UntilState(BfdState state) =>
        _lan.Until($"the session is {state}; it is {Session}; {string.Join("; ", Warnings)}", () => Session?.State == state);

    public void Dispose()
    {
        _loop.Stop();
        _loop.Completion.Wait(TimeSpan.FromSeconds(60));
        _loop.Dispose();
    }

    private void Add(BfdStateChange change)
    {
        lock (Changes)
            Changes.Add(change);
    }

    private void Warn(string text)
    {
        lock (Warnings)
            Warnings.Add(text);
    }
}
