using System;
using System.Collections.Generic;

namespace FerroLB.Protocols.Gossip.Wire;

/// <summary>
/// The one message that each side of a stream sends, once its label and seal are off. It has no length in front: it ends where its last
/// value ends. Octets are appended as they come, and what was read of a long list of states is not read again.
/// </summary>
/// <param name="mostBytes">Most octets of the message, compressed or not.</param>
public sealed class GossipStreamMessage(int mostBytes)
{
    /// <summary>memberlist's own bound, 20 MiB.</summary>
    public const int DefaultMostBytes = 20 * 1024 * 1024;

    /// <summary>Most members in one push/pull message.</summary>
    public const int MostStates = 20_000;

    private readonly List<GossipMessage.NodeState> _states = [];
    private byte[] _bytes = [];
    private int _length;
    private int _statesEnd;
    private bool _hasHeader;
    private bool _isJoin;
    private int _stateCount;
    private int _userStateBytes;

    /// <summary>The message, once <see cref="Append"/> said Ok.</summary>
    public GossipMessage? Message { get; private set; }

    /// <summary>Octets held.</summary>
    public int HeldBytes => _bytes.Length;

    /// <summary>Writes the whole picture, with its type octet.</summary>
    public static byte[] Encode(GossipMessage.PushPull message)
    {
        var writer = new MsgpackWriter();
        writer.WriteByte((byte)GossipMessageType.PushPull);
        writer.WriteMapHeader(3);
        GossipCodec.WriteFlag(writer, "Join"u8, message.IsJoin);
        GossipCodec.WriteNumber(writer, "Nodes"u8, (uint)message.States.Count);
        GossipCodec.WriteNumber(writer, "UserStateLen"u8, 0);
        foreach (var state in message.States)
            GossipCodec.WriteState(writer, state);
        return writer.ToArray();
    }

    /// <summary>Compresses a message for a stream; as memberlist does, whether that is shorter or not.</summary>
    public static byte[] Compress(ReadOnlySpan<byte> message) => GossipPacket.Compressed(message);

    /// <summary>Appends what arrived: Ok when the message is complete, Incomplete when more must come.</summary>
    public GossipDecodeResult Append(ReadOnlySpan<byte> bytes)
    {
        if (Message is not null)
            return GossipDecodeResult.Ok;
        if (bytes.Length > mostBytes - _length)
            return GossipDecodeResult.Malformed;
        if (_length + bytes.Length > _bytes.Length)
            Array.Resize(ref _bytes, (int)Math.Min(mostBytes, Math.Max(2L * _bytes.Length, _length + bytes.Length)));
        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
        var result = _length == 0 ? GossipDecodeResult.Incomplete : Read();
        if (result != GossipDecodeResult.Incomplete)
            _bytes = [];
        return result;
    }

    private GossipDecodeResult Read()
    {
        var body = _bytes.AsSpan(1, _length - 1);
        switch ((GossipMessageType)_bytes[0])
        {
            case GossipMessageType.Compress:
                return ReadCompressed(body);
            case GossipMessageType.PushPull:
                return ReadPushPull(body);
            case GossipMessageType.User:
                return ReadUser(body);
            case GossipMessageType.Ping or GossipMessageType.Ack or GossipMessageType.Error:
                return ReadSingle(body);
            default:
                return GossipDecodeResult.Malformed;
        }
    }

    private GossipDecodeResult ReadCompressed(ReadOnlySpan<byte> body)
    {
        var reader = new MsgpackReader(body);
        var fields = GossipFields.Read(ref reader);
        if (!reader.IsOk)
            return reader.Result;
        if (fields.Algo != 0 || Lzw.Decompress(fields.Buf, mostBytes) is not [not (byte)GossipMessageType.Compress, ..] unpacked)
            return GossipDecodeResult.Malformed;
        var inner = new GossipStreamMessage(mostBytes);
        if (inner.Append(unpacked) != GossipDecodeResult.Ok)
            return GossipDecodeResult.Malformed;
        Message = inner.Message;
        return GossipDecodeResult.Ok;
    }

    private GossipDecodeResult ReadPushPull(ReadOnlySpan<byte> body)
    {
        if (!_hasHeader)
        {
            var reader = new MsgpackReader(body);
            var fields = GossipFields.Read(ref reader);
            if (!reader.IsOk)
                return reader.Result;
            (_isJoin, _stateCount, _userStateBytes) = (fields.Join, fields.Length(fields.Nodes), fields.Length(fields.UserStateLen));
            if (fields.IsMalformed || _stateCount > MostStates || _userStateBytes > mostBytes)
                return GossipDecodeResult.Malformed;
            (_hasHeader, _statesEnd) = (true, reader.Offset);
        }
        while (_states.Count < _stateCount)
        {
            var reader = new MsgpackReader(body[_statesEnd..]);
            var fields = GossipFields.Read(ref reader);
            if (!reader.IsOk)
                return reader.Result;
            if (GossipCodec.ReadState(ref fields) is not { } state)
                return GossipDecodeResult.Malformed;
            _states.Add(state);
            _statesEnd += reader.Offset;
        }
        if (body.Length - _statesEnd < _userStateBytes)
            return GossipDecodeResult.Incomplete;
        Message = new GossipMessage.PushPull(_isJoin, _states, _userStateBytes);
        return GossipDecodeResult.Ok;
    }

    private GossipDecodeResult ReadUser(ReadOnlySpan<byte> body)
    {
        var reader = new MsgpackReader(body);
        var fields = GossipFields.Read(ref reader);
        if (!reader.IsOk)
            return reader.Result;
        if (body.Length - reader.Offset < fields.UserMsgLen)
            return fields.UserMsgLen > mostBytes ? GossipDecodeResult.Malformed : GossipDecodeResult.Incomplete;
        Message = new GossipMessage.User();
        return GossipDecodeResult.Ok;
    }

    private GossipDecodeResult ReadSingle(ReadOnlySpan<byte> body)
    {
        var reader = new MsgpackReader(body);
        reader.Skip();
        if (!reader.IsOk)
            return reader.Result;
        Message = GossipCodec.Decode((GossipMessageType)_bytes[0], body[..reader.Offset]);
        return Message is null ? GossipDecodeResult.Malformed : GossipDecodeResult.Ok;
    }
}
