using System;
using FerroLB.Lab.Network;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.World;

/// <summary>Words for an Ethernet frame, read by hand so that the trace does not depend on the decoders under test.</summary>
internal static class FrameText
{
    public static string Describe(byte[] frame)
    {
        if (frame.Length < 14)
            return $"{frame.Length} octets";
        var heads = $"{MacAddress.Read(frame.AsSpan(6))} > {MacAddress.Read(frame)}";
        if (NdpFrame.Decode(frame) is { } ndp)
        {
            var verb = ndp.IsAdvertisement ? "advertises" : "solicits";
            return $"{heads} NDP {verb} {ndp.Target}, from {ndp.SourceIp} at {ndp.LinkLayer}, solicited {ndp.IsSolicited}, " +
                $"override {ndp.Overrides}";
        }
        if (frame.Length < 42 || frame[12] != 0x08 || frame[13] != 0x06)
            return $"{heads} type {frame[12]:x2}{frame[13]:x2}, {frame.Length} octets";
        var operation = frame[21] == 1 ? "who-has" : "is-at";
        var (senderMac, senderIp) = (MacAddress.Read(frame.AsSpan(22)), IpAddress.Read(frame.AsSpan(28, 4)));
        return $"{heads} ARP {operation} {IpAddress.Read(frame.AsSpan(38, 4))}, from {senderIp} at {senderMac}";
    }
}
