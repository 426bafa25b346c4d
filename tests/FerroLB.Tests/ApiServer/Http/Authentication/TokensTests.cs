using System;
using System.IO;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Http.Authentication;
using Xunit;

namespace FerroLB.Tests.ApiServer.Http.Authentication;

public sealed class TokensTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void File_has_a_line_per_token_with_groups_in_quotes()
    {
        File.WriteAllText(_path, "t1,ann,1,\"crew,say \"\"hi\"\"\"\n\nt2, bob ,2\n");
        var tokens = TokenFile.Read(_path);
        Assert.Equal(("t1", "ann", "1"), (tokens[0].Token, tokens[0].Identity.Name, tokens[0].Identity.Uid));
        Assert.Equal(["crew", "say \"hi\"", "system:authenticated"], tokens[0].Identity.Groups);
        Assert.Equal(("t2", "bob"), (tokens[1].Token, tokens[1].Identity.Name));
        Assert.Equal(["system:authenticated"], tokens[1].Identity.Groups);
    }

    [Fact]
    public void File_with_too_few_fields_is_refused_with_the_line()
    {
        File.WriteAllText(_path, "t1,ann,1\nt2,bob\n");
        Assert.Contains("line 2 has 2 fields", Assert.Throws<FormatException>(() => TokenFile.Read(_path)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Token_of_an_account_is_good_for_its_time_and_only_unchanged()
    {
        var accounts = new ServiceAccountTokens(new byte[24]);
        string token = Token(accounts);
        var found = accounts.Verify(token, Now + TimeSpan.FromSeconds(599))!.Value;
        Assert.Equal(("system:serviceaccount:lb:speaker", "u-1", "lb", "speaker"),
            (found.Identity.Name, found.Identity.Uid, found.Namespace, found.Name));
        Assert.Equal(["system:serviceaccounts", "system:serviceaccounts:lb", "system:authenticated"], found.Identity.Groups);
        Assert.Null(accounts.Verify(token, Now + TimeSpan.FromSeconds(600)));
        for (int i = 0; i < token.Length; i += 7)
        {
            char other = token[i] == 'A' ? 'B' : 'A';
            Assert.Null(accounts.Verify(token[..i] + other + token[(i + 1)..], Now));
        }
        Assert.Null(new ServiceAccountTokens([.. new byte[23], 1]).Verify(token, Now));
        Assert.Null(accounts.Verify("a.b.c", Now));
    }

    private static string Token(ServiceAccountTokens accounts)
    {
        byte[] request = """
            {"metadata":{"namespace":"lb","name":"speaker","uid":"u-1"},"spec":{"audiences":["a"],"expirationSeconds":600},
             "status":{"token":""}}
            """u8.ToArray();
        return (string)JsonNode.Parse(accounts.Complete(request, Now).Span)!["status"]!["token"]!;
    }
}
