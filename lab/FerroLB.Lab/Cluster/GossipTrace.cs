using FerroLB.Lab.World;
using FerroLB.Protocols.Gossip;
using FerroLB.Protocols.Gossip.Wire;

namespace FerroLB.Lab.Cluster;

/// <summary>Canonical words for every input and output of the membership machines.</summary>
internal static class GossipTrace
{
    public static void Hash(GossipInput input, ref TraceHash hash)
    {
        switch (input)
        {
            case GossipInput.DatagramReceived datagram:
                hash.Add(40);
                Add(datagram.From, ref hash);
                hash.Add(datagram.Plain.Span);
                break;
            case GossipInput.StreamBytes bytes:
                hash.Add(41);
                hash.Add(bytes.Stream);
                hash.Add(bytes.Plain.Span);
                break;
            case GossipInput.StreamAccepted accepted:
                hash.Add(42);
                hash.Add(accepted.Stream);
                break;
            case GossipInput.StreamFailed failed:
                hash.Add(43);
                hash.Add(failed.Stream);
                hash.Add(failed.Reason);
                break;
            case GossipInput.MetadataChanged change:
                hash.Add(44);
                hash.Add(change.Meta.Span);
                break;
            case GossipInput.JoinRequested join:
                foreach (var address in join.Addresses)
                    Add(address, ref hash);
                break;
            default:
                hash.Add(input.GetType().Name);
                break;
        }
    }

    public static void Hash(GossipOutput output, ref TraceHash hash)
    {
        switch (output)
        {
            case GossipOutput.SendDatagram datagram:
                hash.Add(50);
                Add(datagram.To, ref hash);
                hash.Add(datagram.Plain);
                break;
            case GossipOutput.OpenStream open:
                hash.Add(51);
                hash.Add(open.Stream);
                Add(open.To, ref hash);
                break;
            case GossipOutput.WriteStream write:
                hash.Add(52);
                hash.Add(write.Stream);
                hash.Add(write.Plain);
                break;
            case GossipOutput.CloseStream close:
                hash.Add(53);
                hash.Add(close.Stream);
                break;
            case GossipOutput.Report report:
                hash.Add(54);
                hash.Add(report.Text);
                break;
            default:
                hash.Add(output.ToString());
                break;
        }
    }

    private static void Add(GossipAddress address, ref TraceHash hash)
    {
        hash.Add(address.Ip);
        hash.Add(address.Port);
    }
}
