using System;
using System.Globalization;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace FerroLB.ApiServer.Http.Faults;

/// <summary>Carries out what an <see cref="IHttpFaults"/> orders.</summary>
internal static class FaultLayer
{
    /// <summary>Applies a fault to a request that has not been served; true when nothing is left to serve.</summary>
    public static async Task<bool> ApplyAsync(HttpContext context, HttpFault fault)
    {
        if (fault.Delay > TimeSpan.Zero)
            await Task.Delay(fault.Delay, context.RequestAborted).ConfigureAwait(false);
        if (fault.NoAnswer)
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(false);
        if (fault.RetryAfter is { } wait)
            context.Response.Headers.RetryAfter = ((long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        if (fault.StatusCode is { } code)
        {
            await context.SendAsync(StatusJson.Failure(code, fault.Reason, fault.Message)).ConfigureAwait(false);
            return true;
        }
        if (fault.Marker is not null || fault.PieceBytes > 0)
            context.Response.Body = new FaultyBody(context.Response.Body, fault, context);
        return false;
    }

    /// <summary>Puts a gate into a connection, below TLS, through which bytes pass only while it is thawed.</summary>
    public static async Task GateAsync(ConnectionContext connection, IHttpFaults faults, Func<Task> next)
    {
        var original = connection.Transport;
        var gate = new FrozenGate(original, faults, connection.ConnectionClosed);
        connection.Transport = gate;
        connection.Features.Set(gate);
        try
        {
            await next().ConfigureAwait(false);
        }
        finally
        {
            connection.Transport = original;
            await gate.EndAsync().ConfigureAwait(false);
        }
    }
}
