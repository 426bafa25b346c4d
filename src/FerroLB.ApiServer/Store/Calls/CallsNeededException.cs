using System;

namespace FerroLB.ApiServer.Store.Calls;

/// <summary>An evaluation cannot go on before webhooks have been asked. It has changed nothing.</summary>
internal sealed class CallsNeededException(CallBook book) : Exception("webhooks must be asked first")
{
    /// <summary>What to ask.</summary>
    public CallBook Book { get; } = book;
}
