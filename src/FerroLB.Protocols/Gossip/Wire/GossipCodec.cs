using System;
using System.Text;

namespace FerroLB.Protocols.Gossip.Wire;

/// <summary>
/// The single messages of memberlist: a type octet, then one MessagePack map with the fields under their names. The names are written in
/// ascending order, as memberlist's encoder does. What packs several messages together is <see cref="GossipPacket"/>; what a stream
/// carries is <see cref="GossipStreamMessage"/>.
/// </summary>
public static class GossipCodec
{
    private static readonly byte[] NoPayload = [];

    /// <summary>Writes a message with its type octet. Push/pull and user messages are made elsewhere.</summary>
    public static byte[] Encode(GossipMessage message)
    {
        var writer = new MsgpackWriter();
        writer.WriteByte((byte)message.Type);
        switch (message)
        {
            case GossipMessage.Ping m:
                WritePing(writer, m);
                break;
            case GossipMessage.IndirectPing m:
                WriteIndirectPing(writer, m);
                break;
            case GossipMessage.Ack m:
                WriteAck(writer, m);
                break;
            case GossipMessage.Nack m:
                writer.WriteMapHeader(1);
                WriteNumber(writer, "SeqNo"u8, m.SequenceNumber);
                break;
            case GossipMessage.Error m:
                writer.WriteMapHeader(1);
                WriteText(writer, "Error"u8, m.Text);
                break;
            case GossipMessage.Suspect m:
                WriteAccusation(writer, m.Incarnation, m.Node, m.From);
                break;
            case GossipMessage.Dead m:
                WriteAccusation(writer, m.Incarnation, m.Node, m.From);
                break;
            case GossipMessage.Alive m:
                WriteAlive(writer, m);
                break;
            default:
                throw new ArgumentException($"{message.Type} is not a single message", nameof(message));
        }
        return writer.ToArray();
    }

    /// <summary>Reads a message that follows its type octet; null when it makes no sense.</summary>
    public static GossipMessage? Decode(GossipMessageType type, ReadOnlySpan<byte> body)
    {
        if (type == GossipMessageType.User)
            return new GossipMessage.User();
        var reader = new MsgpackReader(body);
        var fields = GossipFields.Read(ref reader);
        if (!reader.IsOk)
            return null;
        var message = Interpret(type, ref fields);
        return fields.IsMalformed ? null : message;
    }

    /// <summary>Reads what one member thinks of another, from a push/pull message.</summary>
    internal static GossipMessage.NodeState? ReadState(ref GossipFields fields)
    {
        fields.Node = fields.Name;
        var statement = Alive(ref fields);
        if (fields.State > (long)GossipMemberState.Left)
            fields.Malformed();
        return fields.IsMalformed ? null : new((GossipMemberState)fields.State, statement);
    }

    /// <summary>Writes what this member thinks of another.</summary>
    internal static void WriteState(MsgpackWriter writer, GossipMessage.NodeState state)
    {
        var statement = state.Statement;
        writer.WriteMapHeader(7);
        writer.WriteName("Addr"u8);
        writer.WriteRaw(statement.AddressBytes);
        WriteNumber(writer, "Incarnation"u8, statement.Incarnation);
        writer.WriteName("Meta"u8);
        writer.WriteRawOrNil(statement.Meta);
        WriteText(writer, "Name"u8, statement.Node);
        WriteNumber(writer, "Port"u8, statement.Address.Port);
        WriteNumber(writer, "State"u8, (uint)state.State);
        writer.WriteName("Vsn"u8);
        writer.WriteRaw(statement.Versions.ToBytes());
    }

    internal static void WriteNumber(MsgpackWriter writer, ReadOnlySpan<byte> name, uint value)
    {
        writer.WriteName(name);
        writer.WriteNumber(value);
    }

    internal static void WriteFlag(MsgpackWriter writer, ReadOnlySpan<byte> name, bool value)
    {
        writer.WriteName(name);
        writer.WriteBoolean(value);
    }

    private static GossipMessage? Interpret(GossipMessageType type, ref GossipFields fields) => type switch
    {
        GossipMessageType.Ping => new GossipMessage.Ping(
            fields.UInt32(fields.SeqNo), fields.Text(fields.Node), fields.Source(), fields.Text(fields.SourceNode)),
        GossipMessageType.IndirectPing => new GossipMessage.IndirectPing(
            fields.UInt32(fields.SeqNo),
            fields.Address(fields.Target, fields.Port),
            fields.Text(fields.Node),
            fields.Nack,
            fields.Source(),
            fields.Text(fields.SourceNode)),
        GossipMessageType.Ack => new GossipMessage.Ack(
            fields.UInt32(fields.SeqNo), fields.Payload.IsEmpty ? NoPayload : fields.Payload.ToArray()),
        GossipMessageType.Nack => new GossipMessage.Nack(fields.UInt32(fields.SeqNo)),
        GossipMessageType.Error => new GossipMessage.Error(fields.Text(fields.Error, 4096)),
        GossipMessageType.Suspect => new GossipMessage.Suspect(
            fields.UInt32(fields.Incarnation), fields.NotEmpty(fields.Node), fields.Text(fields.From)),
        GossipMessageType.Dead => new GossipMessage.Dead(
            fields.UInt32(fields.Incarnation), fields.NotEmpty(fields.Node), fields.Text(fields.From)),
        GossipMessageType.Alive => Alive(ref fields),
        _ => null,
    };

    private static GossipMessage.Alive Alive(ref GossipFields fields) => new(
        fields.UInt32(fields.Incarnation),
        fields.NotEmpty(fields.Node),
        fields.Addr.Length > 16 ? [] : fields.Addr.ToArray(),
        fields.Address(fields.Addr, fields.Port),
        fields.MetaBytes(),
        fields.Versions(),
        !fields.Vsn.IsEmpty);

    private static void WritePing(MsgpackWriter writer, GossipMessage.Ping ping)
    {
        writer.WriteMapHeader(2 + SourceFields(ping.Source, ping.SourceNode));
        WriteText(writer, "Node"u8, ping.Node);
        WriteNumber(writer, "SeqNo"u8, ping.SequenceNumber);
        WriteSource(writer, ping.Source, ping.SourceNode);
    }

    private static void WriteIndirectPing(MsgpackWriter writer, GossipMessage.IndirectPing ping)
    {
        writer.WriteMapHeader(5 + SourceFields(ping.Source, ping.SourceNode));
        WriteFlag(writer, "Nack"u8, ping.WantsNack);
        WriteText(writer, "Node"u8, ping.Node);
        WriteNumber(writer, "Port"u8, ping.Target.Port);
        WriteNumber(writer, "SeqNo"u8, ping.SequenceNumber);
        WriteSource(writer, ping.Source, ping.SourceNode);
        writer.WriteName("Target"u8);
        writer.WriteRaw(ping.Target.ToBytes());
    }

    private static void WriteAck(MsgpackWriter writer, GossipMessage.Ack ack)
    {
        writer.WriteMapHeader(2);
        writer.WriteName("Payload"u8);
        writer.WriteRawOrNil(ack.Payload);
        WriteNumber(writer, "SeqNo"u8, ack.SequenceNumber);
    }

    private static void WriteAccusation(MsgpackWriter writer, uint incarnation, string node, string from)
    {
        writer.WriteMapHeader(3);
        WriteText(writer, "From"u8, from);
        WriteNumber(writer, "Incarnation"u8, incarnation);
        WriteText(writer, "Node"u8, node);
    }

    private static void WriteAlive(MsgpackWriter writer, GossipMessage.Alive alive)
    {
        writer.WriteMapHeader(6);
        writer.WriteName("Addr"u8);
        writer.WriteRaw(alive.AddressBytes);
        WriteNumber(writer, "Incarnation"u8, alive.Incarnation);
        writer.WriteName("Meta"u8);
        writer.WriteRawOrNil(alive.Meta);
        WriteText(writer, "Node"u8, alive.Node);
        WriteNumber(writer, "Port"u8, alive.Address.Port);
        writer.WriteName("Vsn"u8);
        writer.WriteRawOrNil(alive.HasVersions ? alive.Versions.ToBytes() : []);
    }

    private static int SourceFields(GossipAddress? source, string sourceNode) =>
        (source is null ? 0 : 2) + (sourceNode.Length == 0 ? 0 : 1);

    private static void WriteSource(MsgpackWriter writer, GossipAddress? source, string sourceNode)
    {
        if (source is { } address)
        {
            writer.WriteName("SourceAddr"u8);
            writer.WriteRaw(address.ToBytes());
        }
        if (sourceNode.Length > 0)
            WriteText(writer, "SourceNode"u8, sourceNode);
        if (source is { Port: var port })
            WriteNumber(writer, "SourcePort"u8, port);
    }

    private static void WriteText(MsgpackWriter writer, ReadOnlySpan<byte> name, string value)
    {
        writer.WriteName(name);
        writer.WriteRaw(Encoding.UTF8.GetBytes(value));
    }
}
