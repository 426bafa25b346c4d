using System;
using System.Text;

namespace FerroLB.Protocols.Gossip.Wire;

/// <summary>
/// The fields of any message, as one map of names and values. Fields that are absent are empty, names that nobody knows are passed over, as
/// memberlist does.
/// </summary>
internal ref struct GossipFields
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private bool _isMalformed;

    public ReadOnlySpan<byte> Addr;
    public ReadOnlySpan<byte> Meta;
    public ReadOnlySpan<byte> Payload;
    public ReadOnlySpan<byte> Buf;
    public ReadOnlySpan<byte> SourceAddr;
    public ReadOnlySpan<byte> Target;
    public ReadOnlySpan<byte> Vsn;
    public ReadOnlySpan<byte> Node;
    public ReadOnlySpan<byte> Name;
    public ReadOnlySpan<byte> From;
    public ReadOnlySpan<byte> SourceNode;
    public ReadOnlySpan<byte> Error;
    public long SeqNo;
    public long Incarnation;
    public long Port;
    public long SourcePort;
    public long State;
    public long Algo;
    public long Nodes;
    public long UserStateLen;
    public long UserMsgLen;
    public bool Nack;
    public bool Join;

    public readonly bool IsMalformed => _isMalformed;

    /// <summary>Reads one map; the reader knows how that went.</summary>
    public static GossipFields Read(ref MsgpackReader reader)
    {
        var fields = default(GossipFields);
        for (var pairs = reader.ReadMapHeader(); pairs > 0 && reader.IsOk; pairs--)
        {
            var name = reader.ReadRaw();
            if (!fields.ReadOctets(name, ref reader) && !fields.ReadNumber(name, ref reader))
                reader.Skip();
        }
        return fields;
    }

    public uint UInt32(long value) => value <= uint.MaxValue ? (uint)value : (uint)Malformed();

    public int Length(long value) => value <= int.MaxValue ? (int)value : Malformed();

    public ushort PortNumber(long value) => value <= ushort.MaxValue ? (ushort)value : (ushort)Malformed();

    /// <summary>A member's name; other text than UTF-8 could not be passed on unchanged.</summary>
    public string Text(ReadOnlySpan<byte> value, int mostBytes = GossipMessage.MostNameBytes)
    {
        try
        {
            if (value.Length <= mostBytes)
                return StrictUtf8.GetString(value);
        }
        catch (DecoderFallbackException)
        {
            // The text is refused below.
        }
        Malformed();
        return "";
    }

    public string NotEmpty(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
            Malformed();
        return Text(value);
    }

    public byte[] MetaBytes()
    {
        if (Meta.Length > GossipMessage.MostMetaBytes)
            Malformed();
        return _isMalformed ? [] : Meta.ToArray();
    }

    public GossipAddress Address(ReadOnlySpan<byte> bytes, long port)
    {
        if (!GossipAddress.TryRead(bytes, PortNumber(port), out var address) || address.Ip.IsUnspecified)
            Malformed();
        return address;
    }

    /// <summary>Where an answer shall go; as memberlist, the origin of the datagram unless both parts are there.</summary>
    public GossipAddress? Source() => SourceAddr.IsEmpty || SourcePort == 0 ? null : Address(SourceAddr, SourcePort);

    public GossipVersions Versions()
    {
        if (!GossipVersions.TryRead(Vsn, out var versions))
            Malformed();
        return versions;
    }

    public int Malformed()
    {
        _isMalformed = true;
        return 0;
    }

    private bool ReadOctets(ReadOnlySpan<byte> name, ref MsgpackReader reader)
    {
        if (name.SequenceEqual("Addr"u8))
            Addr = reader.ReadRaw();
        else if (name.SequenceEqual("Meta"u8))
            Meta = reader.ReadRaw();
        else if (name.SequenceEqual("Node"u8))
            Node = reader.ReadRaw();
        else if (name.SequenceEqual("Name"u8))
            Name = reader.ReadRaw();
        else if (name.SequenceEqual("From"u8))
            From = reader.ReadRaw();
        else if (name.SequenceEqual("Vsn"u8))
            Vsn = reader.ReadRaw();
        else if (name.SequenceEqual("Payload"u8))
            Payload = reader.ReadRaw();
        else if (name.SequenceEqual("Buf"u8))
            Buf = reader.ReadRaw();
        else if (name.SequenceEqual("SourceAddr"u8))
            SourceAddr = reader.ReadRaw();
        else if (name.SequenceEqual("SourceNode"u8))
            SourceNode = reader.ReadRaw();
        else if (name.SequenceEqual("Target"u8))
            Target = reader.ReadRaw();
        else if (name.SequenceEqual("Error"u8))
            Error = reader.ReadRaw();
        else
            return false;
        return true;
    }

    private bool ReadNumber(ReadOnlySpan<byte> name, ref MsgpackReader reader)
    {
        if (name.SequenceEqual("SeqNo"u8))
            SeqNo = reader.ReadNumber();
        else if (name.SequenceEqual("Incarnation"u8))
            Incarnation = reader.ReadNumber();
        else if (name.SequenceEqual("Port"u8))
            Port = reader.ReadNumber();
        else if (name.SequenceEqual("SourcePort"u8))
            SourcePort = reader.ReadNumber();
        else if (name.SequenceEqual("State"u8))
            State = reader.ReadNumber();
        else if (name.SequenceEqual("Algo"u8))
            Algo = reader.ReadNumber();
        else if (name.SequenceEqual("Nodes"u8))
            Nodes = reader.ReadNumber();
        else if (name.SequenceEqual("UserStateLen"u8))
            UserStateLen = reader.ReadNumber();
        else if (name.SequenceEqual("UserMsgLen"u8))
            UserMsgLen = reader.ReadNumber();
        else if (name.SequenceEqual("Nack"u8))
            Nack = reader.ReadBoolean();
        else if (name.SequenceEqual("Join"u8))
            Join = reader.ReadBoolean();
        else
            return false;
        return true;
    }
}
