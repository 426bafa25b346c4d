using System;
using System.IO;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Http;

namespace FerroLB.ApiServer.Http.Faults;

/// <summary>A response body that comes in small pieces, or ends at a marker.</summary>
internal sealed class FaultyBody : Stream
{
    private const int MostPieceBytes = 8192;
    private readonly Stream _inner;
    private readonly HttpFault _fault;
    private readonly HttpContext _context;
    private readonly byte[] _marker;
    private int _matched;
    private bool _ended;

    /// <summary>Wraps the body of a response that has not begun.</summary>
    public FaultyBody(Stream inner, HttpFault fault, HttpContext context)
    {
        _inner = inner;
        _fault = fault;
        _context = context;
        _marker = Encoding.UTF8.GetBytes(fault.Marker ?? "");
        // A length that will not be kept would be noticed by the server itself.
        context.Response.OnStarting(() =>
        {
            context.Response.ContentLength = null;
            return Task.CompletedTask;
        });
    }

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_ended)
            return;
        int allowed = Allowed(buffer.Span);
        await SendAsync(buffer[..(allowed < 0 ? buffer.Length : allowed)], cancellationToken).ConfigureAwait(false);
        if (allowed >= 0)
            await EndAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => _inner.FlushAsync(cancellationToken);

    /// <inheritdoc/>
    public override void Flush() => throw new NotSupportedException();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>How many of these bytes still go out; negative for all. The marker may begin in an earlier piece.</summary>
    private int Allowed(ReadOnlySpan<byte> bytes)
    {
        if (_marker.Length == 0)
            return _fault.Marker is null ? -1 : 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            _matched = bytes[i] == _marker[_matched] ? _matched + 1 : bytes[i] == _marker[0] ? 1 : 0;
            if (_matched == _marker.Length)
                return Math.Clamp(i + 1 - _marker.Length + _fault.MarkerOffset, 0, bytes.Length);
        }
        return -1;
    }

    private async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        FrozenGate gate = _context.Features.Get<FrozenGate>()!;
        if (!_context.Response.HasStarted)
        {
            long before = gate.Sent;
            await _context.Response.StartAsync(cancellation).ConfigureAwait(false);
            await _inner.FlushAsync(cancellation).ConfigureAwait(false);
            await UntilSentAsync(gate, before + 1, cancellation).ConfigureAwait(false);
        }
        int piece = _fault.PieceBytes > 0 ? _fault.PieceBytes : MostPieceBytes;
        for (int at = 0; at < bytes.Length; at += piece)
        {
            ReadOnlyMemory<byte> part = bytes.Slice(at, Math.Min(piece, bytes.Length - at));
            long before = gate.Sent;
            await _inner.WriteAsync(part, cancellation).ConfigureAwait(false);
            await _inner.FlushAsync(cancellation).ConfigureAwait(false);
            await UntilSentAsync(gate, before + part.Length, cancellation).ConfigureAwait(false);
            if (_fault.PieceBytes > 0)
                await Task.Delay(_fault.PiecePause, cancellation).ConfigureAwait(false);
        }
    }

    // With HTTP/2 a flush returns before the frame is written, and a cut must not overtake it.
    private static async Task UntilSentAsync(FrozenGate gate, long total, CancellationToken cancellation)
    {
        while (gate.Sent < total)
            await Task.Delay(1, cancellation).ConfigureAwait(false);
    }

    private async Task EndAsync(CancellationToken cancellation)
    {
        _ended = true;
        await _inner.FlushAsync(cancellation).ConfigureAwait(false);
        if (_fault.AtMarker == BodyEnd.Cut)
            _context.Features.Get<FrozenGate>()!.Cut();
        if (_fault.AtMarker != BodyEnd.End)
            await Task.Delay(Timeout.Infinite, _context.RequestAborted).ConfigureAwait(false);
        else
            await _context.Response.CompleteAsync().ConfigureAwait(false);
    }
}
