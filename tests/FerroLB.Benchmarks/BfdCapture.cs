using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using FerroLB.Interop.Lan;
using FerroLB.Protocols.Bfd;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Benchmarks;

/// <summary>BFD on a wire as tcpdump sees it, with the kernel's time of every packet: what all hosts do is judged by one clock that is
/// nobody's own.</summary>
internal sealed class BfdCapture : IDisposable
{
    private const int FileHeaderBytes = 24;
    private const int RecordHeaderBytes = 16;
    private const int EthernetBytes = 14;
    private const int UdpBytes = 8;
    private const int SourceOffset = 12;
    private const int TargetOffset = 16;

    private readonly string _file;
    private readonly Process _process;

    /// <summary>Starts to capture on a port of the LAN's bridge.</summary>
    public BfdCapture(TestLan lan, string port)
    {
        _file = Path.Combine(lan.Directory, "bfd.pcap");
        _process = lan.Start(
            "lan", "tcpdump", "tcpdump", "-i", port, "-w", _file, "-U", "--immediate-mode", "--time-stamp-precision=nano", "-s", "128",
            "-Z", "root", "udp port 3784");
        lan.Until("tcpdump captures", () => File.Exists(_file) && new FileInfo(_file).Length > FileHeaderBytes);
    }

    /// <summary>Ends the capture and finds in it whenever a host that was Up said Down because it had heard nothing for too long.</summary>
    public IReadOnlyList<BfdDetection> Detections()
    {
        Tool.Run("/bin/sh", "-c", string.Create(CultureInfo.InvariantCulture, $"kill -TERM {_process.Id}"));
        _process.WaitForExit();
        var octets = File.ReadAllBytes(_file).AsSpan();
        var last = new Dictionary<(string From, string To), (double At, BfdState State)>();
        var found = new List<BfdDetection>();
        for (var at = FileHeaderBytes; at + RecordHeaderBytes <= octets.Length;)
        {
            var header = octets.Slice(at, RecordHeaderBytes);
            var length = BinaryPrimitives.ReadInt32LittleEndian(header[8..]);
            var time = BinaryPrimitives.ReadUInt32LittleEndian(header) * 1e3 + BinaryPrimitives.ReadUInt32LittleEndian(header[4..]) / 1e6;
            at += RecordHeaderBytes + length;
            if (at <= octets.Length)
                Take(octets.Slice(at - length, length), time, last, found);
        }
        return found;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
    }

    private static void Take(
        ReadOnlySpan<byte> frame, double time, Dictionary<(string From, string To), (double At, BfdState State)> last,
        List<BfdDetection> found)
    {
        if (frame.Length < EthernetBytes + 20)
            return;
        var packet = frame[EthernetBytes..];
        var from = IpAddress.Read(packet.Slice(SourceOffset, 4)).ToString();
        var to = IpAddress.Read(packet.Slice(TargetOffset, 4)).ToString();
        var payload = packet[((packet[0] & 15) * 4 + UdpBytes)..];
        if (payload.Length < 2)
            return;
        var (diagnostic, state) = ((BfdDiagnostic)(payload[0] & 31), (BfdState)(payload[1] >> 6));
        if (state == BfdState.Down && diagnostic == BfdDiagnostic.ControlDetectionTimeExpired &&
            last.TryGetValue((from, to), out var own) && own.State == BfdState.Up &&
            last.TryGetValue((to, from), out var other) && other.State == BfdState.Up)
            found.Add(new(time, from, to, time - other.At));
        last[(from, to)] = (time, state);
    }
}
