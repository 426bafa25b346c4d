using System.Collections.Generic;
using FerroLB.Core;
using FerroLB.Core.Kube;
using FerroLB.Core.Kube.Json;
using FerroLB.Core.Kube.Objects;
using FerroLB.Core.Kube.Watch;
using FerroLB.Core.Nodes;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Tests.KubeHttp.Conformance;

/// <summary>A node that pictures the ConfigMaps of one namespace and writes down what it is told about them.</summary>
internal sealed class PictureNode : IMachine<NodeInput, NodeOutput>
{
    private readonly ReflectorMachine<ConfigMap> _reflector = new(
        KubeKinds.ConfigMaps, new ReflectorOptions("default"), new RequestIds(), new StringTable(), new SeededRandom(7));

    private readonly Queue<NodeOutput> _outputs = new();

    /// <summary>"+name", "~name", "-name" and "synced", as they came.</summary>
    public List<string> Told { get; } = [];

    public bool IsWatching => _reflector.IsWatching;

    public Instant? NextDeadline => _reflector.NextDeadline;

    public string? Value(string name, string key) =>
        _reflector.Find(new ObjectKey("default", name))?.Data is { } data && data.TryGetValue(key, out var value) ? value : null;

    public bool TryTake(out NodeOutput output) => _outputs.TryDequeue(out output!);

    public void Handle(in NodeInput input, Instant now)
    {
        switch (input)
        {
            case NodeInput.KubeResponded answer:
                _reflector.Handle(new ReflectorInput.Responded(answer.Response), now);
                break;
            case NodeInput.WatchEventReceived line:
                _reflector.Handle(new ReflectorInput.LineReceived(line.RequestId, line.Line), now);
                break;
            case NodeInput.WatchClosed closed:
                _reflector.Handle(new ReflectorInput.WatchClosed(closed.RequestId, closed.Reason), now);
                break;
        }
        Drain();
    }

    public void Advance(Instant now)
    {
        _reflector.Advance(now);
        Drain();
    }

    private void Drain()
    {
        while (_reflector.TryTake(out var output))
        {
            switch (output)
            {
                case ReflectorOutput<ConfigMap>.SendRequest send:
                    _outputs.Enqueue(new NodeOutput.SendKubeRequest(send.Request));
                    break;
                case ReflectorOutput<ConfigMap>.CancelRequest cancel:
                    _outputs.Enqueue(new NodeOutput.CancelKubeRequest(cancel.RequestId));
                    break;
                case ReflectorOutput<ConfigMap>.WriteLog line:
                    _outputs.Enqueue(new NodeOutput.WriteLog(line.Event));
                    break;
                case ReflectorOutput<ConfigMap>.Synced:
                    Told.Add("synced");
                    break;
                case ReflectorOutput<ConfigMap>.Changed change when change.Key.Name != "kube-root-ca.crt":
                    Told.Add((change.Before is null ? "+" : change.After is null ? "-" : "~") + change.Key.Name);
                    break;
            }
        }
    }
}
