using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json.Nodes;
using FerroLB.Core.Election;
using FerroLB.Core.Kube;
using FerroLB.Core.Nodes;
using FerroLB.Core.Status;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Tests.Nodes;

/// <summary>
/// Several controllers on one API, under one virtual clock; each can be killed, paused, and cut off, and its writes held up.
/// </summary>
internal sealed class ReplicaWorld
{
    public const string System = "metallb-system";
    private const int Clients = 16;
    private const int MostSteps = 100_000;
    private static readonly DateTimeOffset Epoch = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly List<Replica> _replicas = [];

    public ReplicaWorld() => Api.Put(KubeResource.Namespaces, """{"metadata":{"name":"shop"}}""");

    public ScriptedApi Api { get; } = new();

    public Instant Now { get; private set; } = Instant.FromSeconds(1000);

    /// <summary>Called before the API takes a request of a replica; may change the world.</summary>
    public Action<Replica, KubeRequest>? Arriving { get; set; }

    public JsonNode Lease => Api.Find(KubeResource.Leases, System, "ferrolb-controller")!;

    public Replica Start(string name, TimeSpan clockError = default)
    {
        var election = new LeaderElectionOptions { Namespace = System, Identity = name };
        var options = new ControllerOptions { Namespace = System, PodName = name, Election = election };
        var node = new ControllerNode(options, (ulong)_replicas.Count);
        var replica = new Replica(name, node, _replicas.Count);
        _replicas.Add(replica);
        replica.Inbox.Enqueue(new NodeInput.ClockRead(Epoch + clockError));
        Settle();
        return replica;
    }

    public ReplicaWorld Pool(string addresses)
    {
        Api.Put(KubeResource.IpAddressPools, $$"""
            {"metadata":{"name":"pool","namespace":"{{System}}"},"spec":{"addresses":["{{addresses}}"]} }
            """);
        return Settle();
    }

    public ReplicaWorld Service(string name, string requested = "", string policy = "", params string[] clusterIPs)
    {
        var ips = clusterIPs.Length > 0 ? clusterIPs : ["10.96.0.1"];
        var value = new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "shop", ["annotations"] = new JsonObject() },
            ["spec"] = new JsonObject
            {
                ["type"] = "LoadBalancer",
                ["clusterIPs"] = new JsonArray([.. ips.Select(ip => JsonValue.Create(ip))]),
                ["ports"] = new JsonArray(new JsonObject { ["port"] = 80, ["protocol"] = "TCP" }),
            },
        };
        if (Find(name)?["metadata"]?["annotations"] is { } annotations)
            value["metadata"]!["annotations"] = annotations.DeepClone();
        if (requested.Length > 0)
            value["metadata"]!["annotations"]!["metallb.io/loadBalancerIPs"] = requested;
        if (policy.Length > 0)
            value["spec"]!["ipFamilyPolicy"] = policy;
        Api.Put(KubeResource.Services, value.ToJsonString());
        return Settle();
    }

    public ReplicaWorld Delete(string name)
    {
        Api.Delete(KubeResource.Services, "shop", name);
        return Settle();
    }

    public JsonObject? Find(string name) => Api.Find(KubeResource.Services, "shop", name);

    public string Addresses(string name) => AddressesOf(Find(name)!);

    /// <summary>The addresses that more than one Service has.</summary>
    public IEnumerable<string> Doubles() => Api.All(KubeResource.Services).SelectMany(service => AddressesOf(service).Split(' '))
        .Where(address => address.Length > 0).GroupBy(address => address).Where(group => group.Count() > 1).Select(group => group.Key);

    /// <summary>Lets what is held up of a replica's writes arrive.</summary>
    public IReadOnlyList<KubeResponse> Deliver(Replica replica)
    {
        replica.Holds = null;
        var answers = new List<KubeResponse>();
        while (replica.Held.TryDequeue(out var request))
        {
            Api.Handle(Mark(replica, request));
            Route(response => answers.Add(response));
        }
        return answers;
    }

    /// <summary>Exchanges messages until everybody is silent at this instant.</summary>
    public ReplicaWorld Settle()
    {
        for (var step = 0; step < MostSteps; step++)
        {
            var isBusy = false;
            foreach (var replica in _replicas.Where(replica => replica.Runs))
                isBusy |= Step(replica);
            if (!isBusy)
                return this;
        }
        throw new InvalidOperationException("the controllers do not come to rest");
    }

    /// <summary>Lets time pass, from deadline to deadline.</summary>
    public ReplicaWorld Pass(TimeSpan time)
    {
        Settle();
        var end = Now + time;
        while (NextDeadline is { } deadline && deadline <= end)
        {
            Now = deadline > Now ? deadline : Now;
            Settle();
        }
        Now = end;
        return Settle();
    }

    private Instant? NextDeadline => _replicas.Where(replica => replica.Runs).Select(replica => replica.Node.NextDeadline).Min();

    public ReplicaWorld Pass(double seconds) => Pass(TimeSpan.FromSeconds(seconds));

    private static string AddressesOf(JsonNode service) => string.Join(
        ' ', service["status"]?["loadBalancer"]?["ingress"]?.AsArray().Select(entry => entry!["ip"]!.ToString()) ?? []);

    private bool Step(Replica replica)
    {
        Route(null);
        var isBusy = false;
        if (replica.Node.NextDeadline <= Now)
        {
            replica.Node.Advance(Now);
            isBusy = true;
        }
        if (replica.Inbox.TryDequeue(out var input))
        {
            replica.Node.Handle(input, Now);
            isBusy = true;
        }
        while (replica.Runs && replica.Node.TryTake(out var output))
        {
            isBusy = true;
            Execute(replica, output);
        }
        return isBusy;
    }

    private void Execute(Replica replica, NodeOutput output)
    {
        switch (output)
        {
            case NodeOutput.SendKubeRequest { Request: var request } when replica.Holds?.Invoke(request) == true:
                replica.Held.Enqueue(request);
                break;
            case NodeOutput.SendKubeRequest { Request: var request } when replica.IsCutOff:
                replica.Inbox.Enqueue(new NodeInput.KubeResponded(new KubeResponse(request.Id, 0, default, null, "cut off")));
                break;
            case NodeOutput.SendKubeRequest { Request: var request }:
                replica.Requests.Add(request);
                Arriving?.Invoke(replica, request);
                Api.Handle(Mark(replica, request));
                break;
            case NodeOutput.CancelKubeRequest cancel:
                Api.Cancel((cancel.RequestId * Clients) + replica.Number);
                break;
            case NodeOutput.WriteLog log:
                replica.Logs.Add(log.Event);
                break;
            case NodeOutput.ChangeMetric { Change: { Name: "leader_election_master_status" } change }:
                replica.StatusMetric = change.Value.ToString(CultureInfo.InvariantCulture);
                break;
            case NodeOutput.CompleteShutdown:
                replica.Kill();
                break;
        }
    }

    private static KubeRequest Mark(Replica replica, KubeRequest request) => request with { Id = (request.Id * Clients) + replica.Number };

    private void Route(Action<KubeResponse>? peek)
    {
        while (Api.TryTake(out var input))
        {
            var (id, own) = input switch
            {
                NodeInput.KubeResponded { Response: var response } =>
                    (response.Id, (NodeInput)new NodeInput.KubeResponded(response with { Id = response.Id / Clients })),
                NodeInput.WatchEventReceived line => (line.RequestId, line with { RequestId = line.RequestId / Clients }),
                NodeInput.WatchClosed closed => (closed.RequestId, closed with { RequestId = closed.RequestId / Clients }),
                _ => throw new InvalidOperationException($"{input}"),
            };
            var replica = _replicas[(int)(id % Clients)];
            if (peek is not null && input is NodeInput.KubeResponded answer)
                peek(answer.Response);
            if (!replica.IsDead && !(replica.IsCutOff && input is NodeInput.WatchEventReceived))
                replica.Inbox.Enqueue(own);
        }
    }

    /// <summary>One controller.</summary>
    internal sealed class Replica(string name, ControllerNode node, int number)
    {
        public string Name => name;

        public ControllerNode Node => node;

        public int Number => number;

        public bool IsDead { get; private set; }

        /// <summary>Stands still, as after SIGSTOP; what arrives waits.</summary>
        public bool IsPaused { get; set; }

        /// <summary>Its requests fail, and it hears of no event; that a watch has ended it notices.</summary>
        public bool IsCutOff { get; set; }

        public bool Runs => !IsDead && !IsPaused;

        public bool Leads => !IsDead && node.Snapshot.Leadership.Role == LeaderRole.Leader;

        /// <summary>Requests for which this is true stay on their way.</summary>
        public Func<KubeRequest, bool>? Holds { get; set; }

        public Queue<KubeRequest> Held { get; } = new();

        public Queue<NodeInput> Inbox { get; } = new();

        public List<KubeRequest> Requests { get; } = [];

        public List<LogEvent> Logs { get; } = [];

        public string StatusMetric { get; set; } = "";

        /// <summary>What it wrote, besides the Lease.</summary>
        public IEnumerable<KubeRequest> Writes => Requests.Where(request =>
            request.Verb is KubeVerb.Create or KubeVerb.Patch && request.Resource != KubeResource.Leases);

        public void Kill() => IsDead = true;

        public void Terminate() => Inbox.Enqueue(new NodeInput.ShutdownRequested());
    }
}
