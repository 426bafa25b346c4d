using System;
using System.IO;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using FerroLB.Runtime.KubeHttp;
using Xunit;

namespace FerroLB.Tests.KubeHttp;

public sealed class KubeconfigTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("flb-kubeconfig-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void The_current_context_chooses_cluster_and_user()
    {
        using var access = Read(Config("""
            - {name: other, cluster: {server: "https://wrong:1"}}
            - {name: k, cluster: {server: "https://10.0.0.1:6443", tls-server-name: kube.example, insecure-skip-tls-verify: true}}
            """, "- {name: u, user: {token: secret}}"));
        Assert.Equal("https://10.0.0.1:6443/", access.Server.ToString());
        Assert.Equal("kube.example", access.ServerName);
        Assert.True(access.SkipsVerification);
        Assert.Equal("secret", access.Token!.Read());
    }

    [Fact]
    public void Data_fields_are_base64_and_files_lie_beside_the_kubeconfig()
    {
        File.WriteAllText(Path.Combine(_directory.FullName, "tok"), "from-file");
        var authority = Convert.ToBase64String(Encoding.UTF8.GetBytes("PEM"));
        using var access = Read(Config(
            $"- {{name: k, cluster: {{server: \"https://h\", certificate-authority-data: {authority}}}}}",
            "- {name: u, user: {tokenFile: tok, token: ignored}}"));
        Assert.Equal("PEM", access.Authorities!.Read());
        Assert.Equal("from-file", access.Token!.Read());
    }

    [Fact]
    public void A_client_certificate_is_read_with_its_key()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=speaker", key, HashAlgorithmName.SHA256);
        using var made = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        File.WriteAllText(Path.Combine(_directory.FullName, "c.pem"), made.ExportCertificatePem());
        var keyData = Convert.ToBase64String(Encoding.UTF8.GetBytes(key.ExportPkcs8PrivateKeyPem()));
        using var access = Read(Config(
            "- {name: k, cluster: {server: \"https://h\"}}",
            $"- {{name: u, user: {{client-certificate: c.pem, client-key-data: {keyData}}}}}"));
        Assert.True(access.ClientCertificate!.HasPrivateKey);
    }

    [Fact]
    public void Of_two_files_the_first_that_names_something_wins()
    {
        var first = Write("current-context: c\n");
        using var access = Kubeconfig.Read([first, Config("- {name: k, cluster: {server: \"http://h\"}}", "- {name: u, user: {}}")]);
        Assert.Equal("http://h/", access.Server.ToString());
    }

    [Theory]
    [InlineData("", "it is empty or not a mapping")]
    [InlineData("a: [", "line ")]
    [InlineData("clusters: []", "current-context is not set")]
    [InlineData("current-context: gone", "contexts has no entry named \"gone\"")]
    [InlineData("{current-context: c, contexts: [{name: c, context: {cluster: k}}]}", "clusters has no entry named \"k\"")]
    [InlineData("{current-context: c, contexts: [{name: c, context: {user: u}}]}", "context \"c\" names no cluster")]
    public void What_is_missing_is_named_with_its_file(string text, string reason)
    {
        var path = Write(text);
        var error = Assert.Throws<KubeAccessException>(() => Kubeconfig.Read([path]));
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData("server: 10.0.0.1", "{}", "is not an http or https URL")]
    [InlineData("server: \"https://h\"", "{exec: {command: aws}}", "exec credentials are not supported")]
    [InlineData("server: \"https://h\", certificate-authority-data: \"%\"", "{}", "certificate-authority-data is not base64")]
    [InlineData("server: \"https://h\"", "{client-key-data: aGk=}", "belong together")]
    [InlineData("server: \"https://h\"", "{client-certificate-data: aGk=, client-key-data: aGk=}", "not valid PEM")]
    [InlineData("server: \"https://h\"", "{tokenFile: /nonexistent/token}", "cannot read /nonexistent/token")]
    public void What_is_not_usable_is_named(string cluster, string user, string reason)
    {
        var path = Config($"- {{name: k, cluster: {{{cluster}}}}}", $"- {{name: u, user: {user}}}");
        var error = Assert.Throws<KubeAccessException>(() => Kubeconfig.Read([path]));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_is_named()
    {
        var error = Assert.Throws<KubeAccessException>(() => Kubeconfig.Read(["/nonexistent/kubeconfig"]));
        Assert.Contains("/nonexistent/kubeconfig", error.Message, StringComparison.Ordinal);
    }

    private static KubeAccess Read(string path) => Kubeconfig.Read([path]);

    private string Config(string clusters, string users) => Write($"""
        current-context: c
        contexts:
        - {"{"}name: c, context: {"{"}cluster: k, user: u{"}}"}
        clusters:
        {clusters}
        users:
        {users}
        """);

    private string Write(string text)
    {
        var path = Path.Combine(_directory.FullName, Path.GetRandomFileName());
        File.WriteAllText(path, text);
        return path;
    }
}
