using FerroLB.ApiServer.Http;
using Xunit;

namespace FerroLB.Tests.ApiServer.Http;

public sealed class ResourcePathTests
{
    [Theory]
    [InlineData("/api/v1/services", "|v1||services||")]
    [InlineData("/api/v1/namespaces", "|v1||namespaces||")]
    [InlineData("/api/v1/namespaces/a", "|v1||namespaces|a|")]
    [InlineData("/api/v1/namespaces/a/status", "|v1||namespaces|a|status")]
    [InlineData("/api/v1/namespaces/a/finalize", "|v1||namespaces|a|finalize")]
    [InlineData("/api/v1/namespaces/a/services", "|v1|a|services||")]
    [InlineData("/api/v1/namespaces/a/services/b/status", "|v1|a|services|b|status")]
    [InlineData("/apis/x.io/v1/namespaces/a/status", "x.io|v1|a|status||")]
    [InlineData("/apis/x.io/v1/pools/p", "x.io|v1||pools|p|")]
    [InlineData("/apis/x.io/v1/", null)]
    [InlineData("/api/v1", null)]
    [InlineData("/api/v1/services/a/b/c", null)]
    [InlineData("/api//services", null)]
    [InlineData("/", null)]
    public void Paths_are_taken_apart(string path, string? expected)
    {
        ResourcePath? parsed = ResourcePath.Parse(path);
        Assert.Equal(expected, parsed is null
            ? null
            : $"{parsed.Group}|{parsed.Version}|{parsed.Namespace}|{parsed.Resource}|{parsed.Name}|{parsed.Subresource}");
    }
}
