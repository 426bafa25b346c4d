using System;
using System.Collections.Generic;
using System.Net;
using System.Net.Sockets;
using FerroLB.Interop.Lan;
using FerroLB.Protocols.Gossip.Sealing;
using FerroLB.Protocols.Gossip.Wire;

namespace FerroLB.Interop.Gossip;

/// <summary>Asks a member for its whole picture, as one does who has nothing to say itself.</summary>
internal static class GossipPicture
{
    /// <summary>What the member at an address thinks of each one.</summary>
    public static SortedDictionary<string, GossipMemberState> Ask(TestLan lan, string fromHost, string address, GossipEnvelope envelope)
    {
        var octets = NamespaceThread.Run(lan.NamespaceOf(fromHost), () =>
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 10_000 };
            socket.Connect(IPAddress.Parse(address), 7946);
            var question = GossipStreamMessage.Encode(new(false, [], 0));
            socket.Send(envelope.CloseStreamMessage(question, new byte[GossipSeal.NonceBytes], isOpener: true));
            var answer = new List<byte>();
            var buffer = new byte[65_536];
            while (socket.Receive(buffer) is > 0 and var count)
                answer.AddRange(buffer.AsSpan(0, count));
            return answer.ToArray();
        });
        var refusal = envelope.OpenStream(isOpener: true).Append(octets, out var plain);
        var message = new GossipStreamMessage(GossipStreamMessage.DefaultMostBytes);
        if (refusal != GossipRefusal.None || message.Append(plain) != GossipDecodeResult.Ok ||
            message.Message is not GossipMessage.PushPull picture)
            throw new InvalidOperationException($"{address} sent no picture: {refusal}");
        var states = new SortedDictionary<string, GossipMemberState>(StringComparer.Ordinal);
        foreach (var (state, statement) in picture.States)
            states[statement.Node] = state;
        return states;
    }
}
