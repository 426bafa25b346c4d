using System;

namespace FerroLB.ApiServer.Http;

/// <summary>The server could not start; the message is one line for the user and says what to do.</summary>
public sealed class ApiServerStartException : Exception
{
    /// <summary>Makes the exception.</summary>
    public ApiServerStartException(string message, Exception? cause = null)
        : base(message, cause)
    {
    }
}
