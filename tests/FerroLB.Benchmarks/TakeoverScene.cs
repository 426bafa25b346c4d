using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using FerroLB.Interop.Lan;

namespace FerroLB.Benchmarks;

/// <summary>The scene of the take-over benchmarks: three nodes that know each other by membership, each of which serves the Service's
/// address on UDP, and a client that asks for it through its neighbour cache.</summary>
internal sealed class TakeoverScene : IDisposable
{
    /// <summary>The nodes.</summary>
    public static readonly string[] Nodes = ["node-1", "node-2", "node-3"];

    private const string Labels = "component=speaker";
    private const int EchoPort = 7777;

    private readonly string[] _flags;
    private readonly SortedDictionary<string, Process> _speakers = new(StringComparer.Ordinal);
    private readonly List<Socket> _echoes = [];

    /// <summary>Lays out the LAN, and starts API server, controller and speakers with these further flags.</summary>
    public TakeoverScene(params string[] flags)
    {
        _flags = flags;
        Lan = new(["client", .. Nodes]);
        Cluster = new(Lan, ShippedForm.Executable());
        Cluster.StartApiServer();
        Cluster.Prepare();
        for (var i = 0; i < Nodes.Length; i++)
        {
            Cluster.AddNode(Nodes[i]);
            Cluster.AddSpeakerPod(Nodes[i], AddressOf(Nodes[i]));
        }
        File.WriteAllText(Path.Combine(Lan.Directory, "secretkey"), "c2VjcmV0c2VjcmV0c2VjcQ");
        Cluster.AddPool("10.98.1.0/24");
        Cluster.AddServices("web");
        Cluster.StartController();
        Lan.Until("the Service has an address", () => (Target = Cluster.AddressOf("web")).Length > 0);
        foreach (var node in Nodes)
            Serve(node);
        foreach (var node in Nodes)
            StartSpeaker(node);
        foreach (var node in Nodes)
            Lan.Until($"{node} met the others", () => CountLines(node, "a speaker joined") >= 2);
        WaitForOneOwner();
    }

    /// <summary>The LAN.</summary>
    public TestLan Lan { get; }

    /// <summary>The processes on it.</summary>
    public TestCluster Cluster { get; }

    /// <summary>The Service's address.</summary>
    public string Target { get; private set; } = "";

    /// <summary>Starts a node's speaker.</summary>
    public void StartSpeaker(string node) => _speakers[node] = Cluster.StartSpeaker(
        node,
        [
            "--ml-bindaddr", AddressOf(node), "--ml-labels", Labels, "--ml-secret-key-path", Lan.Directory, .. _flags,
        ]);

    /// <summary>The process of a node's speaker.</summary>
    public Process Speaker(string node) => _speakers[node];

    /// <summary>Waits until exactly one node answers; which.</summary>
    public string WaitForOneOwner()
    {
        string[] answers = [];
        Lan.Until("one node answers", () =>
            (answers = Lan.ArpAnswers("client", Target, 2)).Length == 2 && answers.Distinct().Count() == 1);
        return Nodes.Single(node => Lan.MacOf(node) == answers[0]);
    }

    /// <summary>How often a message is in the log of a node's speaker.</summary>
    public int CountLines(string node, string message) =>
        Lan.LogOf($"speaker-{node}").Split('\n').Count(line => line.Contains($"\"{message}\"", StringComparison.Ordinal));

    /// <summary>Cuts a node's cable and kills its speaker at the same moment.</summary>
    public void LosePower(string node)
    {
        Tool.Run("/bin/sh", "-c", $"ip -n {Lan.NamespaceOf("lan")} link set p-{node} down & kill -9 {_speakers[node].Id}; wait");
        _speakers[node].WaitForExit();
    }

    /// <summary>Ends a node's speaker as Kubernetes does.</summary>
    public void Terminate(string node)
    {
        Tool.Run("/bin/sh", "-c", $"kill -TERM {_speakers[node].Id}");
        _speakers[node].WaitForExit();
    }

    /// <summary>Plugs the cable in, starts the speaker, and waits until the node has its address again.</summary>
    public void Return(string node)
    {
        Lan.Ip("lan", $"link set p-{node} up");
        StartSpeaker(node);
        var mac = Lan.MacOf(node);
        Lan.Until($"{node} has the address again", () => Lan.ArpAnswers("client", Target, 2) is [var a, var b] && a == mac && b == mac);
    }

    /// <summary>Starts to ask for the address from the client, every 10 ms.</summary>
    public TakeoverProbe Probe() =>
        NamespaceThread.Run(Lan.NamespaceOf("client"), () => new TakeoverProbe(IPAddress.Parse(Target), EchoPort));

    public void Dispose()
    {
        foreach (var echo in _echoes)
            echo.Dispose();
        Lan.Dispose();
    }

    private static string AddressOf(string node) => $"10.98.0.{3 + Array.IndexOf(Nodes, node)}";

    // The kernel must not answer ARP for the address by itself; the speaker does.
    private void Serve(string node)
    {
        Lan.Try(node, "sysctl", "-qw", "net.ipv4.conf.all.arp_ignore=1", "net.ipv4.conf.all.arp_announce=2");
        Lan.Ip(node, $"addr add {Target}/32 dev lo");
        Lan.Ip(node, "link set lo up");
        var socket = NamespaceThread.Run(Lan.NamespaceOf(node), () =>
        {
            var bound = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            bound.Bind(new IPEndPoint(IPAddress.Parse(Target), EchoPort));
            return bound;
        });
        _echoes.Add(socket);
        new Thread(() => Echo(socket)) { IsBackground = true }.Start();
    }

    private static void Echo(Socket socket)
    {
        UrgentThread.Raise();
        var buffer = new byte[64];
        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
        try
        {
            while (true)
            {
                var length = socket.ReceiveFrom(buffer, ref from);
                try
                {
                    socket.SendTo(buffer.AsSpan(0, length), from);
                }
                catch (SocketException e) when (e.SocketErrorCode != SocketError.OperationAborted)
                {
                    // The cable is cut.
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The scene ends.
        }
    }
}
