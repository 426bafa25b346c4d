using System;
using System.Buffers;
using System.IO;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;

namespace FerroLB.ApiServer.Http.Faults;

/// <summary>The two directions of a connection, each carried on piece by piece while an <see cref="IHttpFaults"/> lets it.</summary>
internal sealed class FrozenGate : IDuplexPipe
{
    private readonly Pipe _inward = new();
    private readonly Pipe _outward = new();
    private readonly CancellationTokenSource _ending;
    private readonly Task _carrying;
    private volatile bool _isCut;
    private long _sent;

    /// <summary>Begins to carry.</summary>
    public FrozenGate(IDuplexPipe connection, IHttpFaults faults, CancellationToken closed)
    {
        _ending = CancellationTokenSource.CreateLinkedTokenSource(closed);
        _carrying = Task.WhenAll(
            CarryAsync(connection.Input, _inward.Writer, faults, false, _ending.Token),
            CarryAsync(_outward.Reader, connection.Output, faults, true, _ending.Token));
    }

    /// <inheritdoc/>
    public PipeReader Input => _inward.Reader;

    /// <inheritdoc/>
    public PipeWriter Output => _outward.Writer;

    /// <summary>How many bytes went out towards the client.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>Ends the connection towards the client after what was written so far.</summary>
    public void Cut()
    {
        _isCut = true;
        _outward.Reader.CancelPendingRead();
    }

    /// <summary>Ends both directions; what was written before still goes out unless the gate is frozen.</summary>
    public async Task EndAsync()
    {
        await _outward.Writer.CompleteAsync().ConfigureAwait(false);
        await _inward.Reader.CompleteAsync().ConfigureAwait(false);
        _ending.CancelAfter(TimeSpan.FromSeconds(1));
        await _carrying.ConfigureAwait(false);
        _ending.Dispose();
    }

    private async Task CarryAsync(PipeReader from, PipeWriter to, IHttpFaults faults, bool isOutward, CancellationToken ending)
    {
        try
        {
            while (true)
            {
                ReadResult read = await from.ReadAsync(ending).ConfigureAwait(false);
                await faults.Thawed(ending).ConfigureAwait(false);
                long length = read.Buffer.Length;
                foreach (ReadOnlyMemory<byte> piece in read.Buffer)
                    to.Write(piece.Span);
                from.AdvanceTo(read.Buffer.End);
                FlushResult flushed = await to.FlushAsync(ending).ConfigureAwait(false);
                if (isOutward)
                    Interlocked.Add(ref _sent, length);
                if (read.IsCompleted || flushed.IsCompleted || (isOutward && _isCut))
                    break;
            }
        }
        catch (Exception lost) when (lost is OperationCanceledException or IOException or InvalidOperationException)
        {
            // The connection is gone; completing both ends tells whoever still waits.
        }
        await to.CompleteAsync().ConfigureAwait(false);
        await from.CompleteAsync().ConfigureAwait(false);
    }
}
