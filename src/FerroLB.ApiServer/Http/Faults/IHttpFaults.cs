using System.Threading;
using System.Threading.Tasks;

namespace FerroLB.ApiServer.Http.Faults;

/// <summary>
/// A seam for tests of clients: whoever hosts the server in its own process may make it misbehave on order, as API servers, proxies and
/// networks do. There is no flag for it. Called from many threads at once.
/// </summary>
public interface IHttpFaults
{
    /// <summary>What shall go wrong with a request that arrived; null when nothing shall.</summary>
    /// <param name="method">The HTTP method, as in "GET".</param>
    /// <param name="path">The path, as in "/api/v1/services".</param>
    /// <param name="query">The query string with its question mark, or "".</param>
    HttpFault? For(string method, string path, string query);

    /// <summary>
    /// Completes when bytes may pass through connections; asked before each piece in either direction. As long as it does not complete, all
    /// connections are open and silent, as after a cable was cut: not even HTTP/2 pings are answered.
    /// </summary>
    Task Thawed(CancellationToken cancellation);
}
