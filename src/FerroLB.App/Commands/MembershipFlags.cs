using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using FerroLB.Core.Placement;
using FerroLB.Protocols.Gossip;
using FerroLB.Protocols.Gossip.Sealing;
using FerroLB.Protocols.Gossip.Wire;
using FerroLB.Protocols.Primitives;
using FerroLB.Runtime.Gossip;

namespace FerroLB.App.Commands;

/// <summary>The flags of the membership of speakers, with MetalLB's names. Without labels or without an address there is none.</summary>
internal sealed class MembershipFlags
{
    /// <summary>Where MetalLB's manifests mount the tuning file.</summary>
    public const string DefaultTuningPath = "/etc/metallb/memberlist/config.json";

    private const string KeyFile = "secretkey";
    private const ushort DefaultPort = 7946;

    private readonly Option<string> _address = Flags.Text(
        "--ml-bindaddr", "METALLB_ML_BIND_ADDR", "", "Address for the messages between speakers; empty for no membership.");

    private readonly Option<string> _port = Flags.Text(
        "--ml-bindport", "METALLB_ML_BIND_PORT", "", "Port for them, UDP and TCP, the same for all speakers; 7946 when empty.");

    private readonly Option<string> _labels = Flags.Text(
        "--ml-labels", "METALLB_ML_LABELS", "", "Label selector that finds the pods of the speakers; empty for no membership.");

    private readonly Option<string> _keyPath = Flags.Text(
        "--ml-secret-key-path", "METALLB_ML_SECRET_KEY_PATH", "", "Directory with the key of their messages, in the file secretkey.");

    private readonly Option<bool> _isWan = Flags.Switch("--ml-wan-config", "Be patient: the speakers are far from each other.");

    private readonly Option<string> _tuning = Flags.Text(
        "--ml-tuning-file", "FERROLB_ML_TUNING_FILE", DefaultTuningPath, "JSON file with MetalLB's tuning values; may be missing.");

    /// <summary>The label selector.</summary>
    public string LabelsOf(ParseResult arguments) => arguments.GetValue(_labels)!;

    /// <summary>Adds the flags to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_address, _port, _labels, _keyPath, _isWan, _tuning])
            command.Options.Add(option);
    }

    /// <summary>Reads the flags and the files that they name; null for no membership.</summary>
    /// <exception cref="StartException">Something of it cannot be used.</exception>
    public GossipLoopOptions? Read(ParseResult arguments, string nodeName, ulong seed)
    {
        var text = arguments.GetValue(_address)!;
        if (text.Length == 0 || LabelsOf(arguments).Length == 0)
            return null;
        if (!IpAddress.TryParse(text, out var ip))
            throw new StartException(2, $"--ml-bindaddr: '{text}' is not an IP address. Name this pod's own address, or leave it empty.");
        var address = new GossipAddress(ip, ReadPort(arguments.GetValue(_port)!));
        var tuning = ReadTuning(arguments.GetValue(_tuning)!) ?? (arguments.GetValue(_isWan) ? GossipTuning.Wan : GossipTuning.Lan);
        List<GossipKey> keys = ReadSecret(arguments) is { Length: > 0 } secret ? [GossipKey.FromSecret(secret)] : [];
        var envelope = new GossipEnvelope("", keys, tuning.GossipVerifyIncoming, tuning.GossipVerifyOutgoing);
        var meta = InterfaceStatement.Encode(StatedInterfaces.Nothing);
        return new(new(nodeName, address) { Tuning = tuning, Meta = meta }, envelope, address, seed);
    }

    private static ushort ReadPort(string text) =>
        text.Length == 0 ? DefaultPort
        : ushort.TryParse(text, out var port) && port > 0 ? port
        : throw new StartException(2, $"--ml-bindport: '{text}' is not a port from 1 to 65535.");

    private static GossipTuning? ReadTuning(string path)
    {
        try
        {
            return GossipTuningFile.TryParse(File.ReadAllBytes(path), out var tuning, out var error)
                ? tuning
                : throw new StartException(1, $"{path}: {error}.");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartException(1, $"cannot read {path}: {e.Message} Make it readable, or remove it.");
        }
    }

    /// <summary>Reads the common secret of the speakers; empty for none.</summary>
    /// <exception cref="StartException">It cannot be read.</exception>
    public byte[] ReadSecret(ParseResult arguments)
    {
        var directory = arguments.GetValue(_keyPath)!;
        if (directory.Length == 0)
            return [];
        var path = Path.Combine(directory, KeyFile);
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartException(
                1, $"cannot read {path}: {e.Message} Mount the Secret memberlist there, or leave --ml-secret-key-path empty.");
        }
    }
}
