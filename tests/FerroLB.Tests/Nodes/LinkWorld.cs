using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Core;
using FerroLB.Core.Nodes;
using FerroLB.Core.Status;
using FerroLB.Protocols.Announcing;
using FerroLB.Protocols.Arp;
using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Tests.Nodes;

/// <summary>A link loop with a virtual clock that keeps what came out of it, in readable form.</summary>
internal sealed class LinkWorld
{
    public static readonly MacAddress ClientMac = Mac("02:00:00:00:00:c1");
    public static readonly IpAddress ClientAddress = IpAddress.Parse("192.0.2.1");

    public LinkWorld(LinkNodeOptions? options = null) => Node = new(options ?? new(), 1);

    public LinkNode Node { get; }

    public Instant Now { get; private set; } = Instant.FromSeconds(100);

    public List<LinkOutput> Outputs { get; } = [];

    public IEnumerable<LogEvent> Logs => Outputs.Where(output => output.Kind == LinkOutputKind.WriteLog).Select(output => output.Log!);

    public IEnumerable<MetricChange> Metrics =>
        Outputs.Where(output => output.Kind == LinkOutputKind.ChangeMetric).Select(output => output.Metric!);

    public IEnumerable<LinkReport> Reports =>
        Outputs.Where(output => output.Kind == LinkOutputKind.Report).Select(output => output.Report!);

    public IEnumerable<(int LinkIndex, string? Addresses)> Filters => Outputs
        .Where(output => output.Kind == LinkOutputKind.SetArpFilter)
        .Select(output => (output.LinkIndex, output.Addresses is null ? null : string.Join(",", output.Addresses)));

    public IEnumerable<(int LinkIndex, ArpPacket Packet)> Frames =>
        Outputs.Where(output => output.Kind == LinkOutputKind.SendFrame).Select(output => (output.LinkIndex, Read(output.Frame)));

    /// <summary>The interfaces from which replies to the client left.</summary>
    public IEnumerable<int> Answering => Frames.Where(sent => sent.Packet.TargetMac == ClientMac).Select(sent => sent.LinkIndex);

    public static MacAddress Mac(string text) =>
        MacAddress.TryParse(text, out var mac) ? mac : throw new FormatException(text);

    public static LinkState Link(int index, string name) => new(index, name, new(0x0200_0000_0000 + (ulong)index))
    {
        IsUp = true,
        HasCarrier = true,
        IsBroadcast = true,
        MtuBytes = 1500,
    };

    public static byte[] Request(string target, MacAddress? destination = null)
    {
        var frame = new byte[EthernetHeader.MinimumFrameBytes];
        new ArpPacket(ArpOperation.Request, ClientMac, ClientAddress, MacAddress.Zero, IpAddress.Parse(target))
            .WriteFrame(frame, destination ?? MacAddress.Broadcast);
        return frame;
    }

    public LinkWorld Links(params LinkState[] links) => Feed(LinkInput.LinksChanged(links));

    public LinkWorld Announce(string service, string address, params string[] interfaces) =>
        Feed(LinkInput.CommandReceived(new LinkCommand.AnnounceService(
            new("default", service),
            [.. address.Split(',').Select(ip => new AddressWish(IpAddress.Parse(ip), interfaces.Length == 0 ? null : interfaces))])));

    public LinkWorld Retract(string service) =>
        Feed(LinkInput.CommandReceived(new LinkCommand.RetractService(new ObjectKey("default", service))));

    public LinkWorld Receive(int linkIndex, byte[] frame) => Feed(LinkInput.FrameReceived(linkIndex, frame));

    public LinkWorld Feed(in LinkInput input)
    {
        Node.Handle(input, Now);
        Drain();
        return this;
    }

    /// <summary>Lets time pass, stopping at each deadline as a loop would.</summary>
    public LinkWorld Pass(double seconds)
    {
        var end = Now + TimeSpan.FromSeconds(seconds);
        while (Node.NextDeadline is { } deadline && deadline <= end)
        {
            Now = deadline > Now ? deadline : Now;
            Node.Advance(Now);
            Drain();
        }
        Now = end;
        return this;
    }

    /// <summary>The process stands still.</summary>
    public LinkWorld Skip(double seconds)
    {
        Now += TimeSpan.FromSeconds(seconds);
        return this;
    }

    public LinkWorld Forget()
    {
        Outputs.Clear();
        return this;
    }

    private static ArpPacket Read(ReadOnlyMemory<byte> frame) =>
        EthernetHeader.TryRead(frame.Span, out _, out var payload) && ArpPacket.TryRead(payload, out var packet)
            ? packet
            : throw new FormatException("not an ARP frame");

    private void Drain()
    {
        while (Node.TryTake(out var output))
        {
            Outputs.Add(output.Kind == LinkOutputKind.SendFrame
                ? LinkOutput.From(AnnouncerOutput.SendFrame(output.LinkIndex, output.Frame.ToArray()), LinkOutputKind.SetArpFilter)
                : output);
        }
    }
}
