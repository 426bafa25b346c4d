using FerroLB.Core.Nodes;
using FerroLB.Lab.World;
using FerroLB.Protocols.Bgp.Session;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Cluster;

/// <summary>Canonical words for every input and output of the BGP loops.</summary>
internal static class BgpTrace
{
    public static void Hash(BgpNodeInput input, ref TraceHash hash)
    {
        switch (input)
        {
            case BgpNodeInput.Commanded { Command: BgpCommand.HoldSessions { Peers: var peers } }:
                hash.Add(60);
                foreach (var (peer, _) in peers)
                    hash.Add(peer.Name);
                break;
            case BgpNodeInput.Commanded { Command: BgpCommand.AdvertiseServices { Services: var services } }:
                hash.Add(61);
                foreach (var (service, routes) in services)
                {
                    hash.Add(service.Namespace);
                    hash.Add(service.Name);
                    foreach (var (prefix, advertisement) in routes)
                        Add(prefix, advertisement.Name, ref hash);
                }
                break;
            case BgpNodeInput.StreamHappened(var peer, var happened):
                hash.Add(62 + 16 * (long)peer);
                Hash(happened, ref hash);
                break;
            default:
                hash.Add(input.GetType().Name);
                break;
        }
    }

    public static void Hash(BgpNodeOutput output, ref TraceHash hash)
    {
        switch (output)
        {
            case BgpNodeOutput.OrderStream(var peer, var order):
                hash.Add(70 + 16 * (long)peer);
                Hash(order, ref hash);
                break;
            case BgpNodeOutput.Report { Sessions.Sessions: var sessions }:
                hash.Add(71);
                foreach (var session in sessions)
                {
                    hash.Add(session.Peer);
                    hash.Add((int)session.State);
                    hash.Add(session.PrefixesSent);
                }
                break;
            case BgpNodeOutput.WriteLog { Event: var log }:
                hash.Add(log.Message);
                foreach (var field in log.Fields)
                    hash.Add(field.Value);
                break;
            default:
                hash.Add(output.GetType().Name);
                break;
        }
    }

    private static void Hash(BgpSessionInput input, ref TraceHash hash)
    {
        hash.Add(input.GetType().Name);
        if (input is BgpSessionInput.StreamBytes bytes)
            hash.Add(bytes.Bytes.Span);
    }

    private static void Hash(BgpSessionOutput order, ref TraceHash hash)
    {
        hash.Add(order.GetType().Name);
        if (order is BgpSessionOutput.WriteStream write)
            hash.Add(write.Bytes.Span);
    }

    private static void Add(IpPrefix prefix, string advertisement, ref TraceHash hash)
    {
        hash.Add(prefix.First);
        hash.Add(prefix.Length);
        hash.Add(advertisement);
    }
}
