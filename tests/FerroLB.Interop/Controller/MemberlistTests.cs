using System;
using System.IO;
using System.Threading.Tasks;
using FerroLB.Interop.ApiServer;
using Xunit;

namespace FerroLB.Interop.Controller;

/// <summary>The real controller makes the Secret by which speakers recognise each other.</summary>
public sealed class MemberlistTests
{
    [Fact]
    public async Task Secret_is_made_once_and_owned_by_the_deployment()
    {
        await using var server = new ServerProcess();
        await server.StartAsync();
        Kubectl kubectl = await Kubectl.FindAsync("1.20", server);
        await kubectl.OkAsync("apply", "--server-side", "-f", Path.Combine(Shell.Root, "deploy/crds"));
        await kubectl.OkAsync("create", "namespace", "metallb-system");
        await kubectl.OkAsync("create", "deployment", "controller", "--image=none", "-n", "metallb-system");
        string uid = await kubectl.OkAsync("get", "deployment", "controller", "-n", "metallb-system", "-o", "jsonpath={.metadata.uid}");
        string key;
        await using (var first = new ControllerReplica(server, "a", "--ml-secret-name=memberlist", "--deployment=controller"))
        {
            await UntilItSaysAsync(first, "created the memberlist secret");
            key = await KeyAsync(kubectl);
            Assert.Matches("^[A-Za-z0-9+/]{22}$", key);
            Assert.DoesNotContain(key, first.Log, StringComparison.Ordinal);
            string owner = await kubectl.OkAsync(
                "get", "secret", "memberlist", "-n", "metallb-system", "-o", "jsonpath={.metadata.ownerReferences[0].uid}");
            Assert.Equal(uid, owner);
            await first.SignalAsync("TERM");
            Assert.Equal(0, await first.ExitAsync());
        }

        await using var second = new ControllerReplica(server, "b", "--ml-secret-name=memberlist", "--deployment=controller");
        await UntilItSaysAsync(second, "took over the addresses that Services have already");
        Assert.Equal(key, await KeyAsync(kubectl));
        Assert.False(second.HasSaid("created the memberlist secret"), second.Log);
    }

    private static async Task<string> KeyAsync(Kubectl kubectl) => System.Text.Encoding.ASCII.GetString(Convert.FromBase64String(
        await kubectl.OkAsync("get", "secret", "memberlist", "-n", "metallb-system", "-o", "jsonpath={.data.secretkey}")));

    private static async Task UntilItSaysAsync(ControllerReplica replica, string message)
    {
        if (!await Shell.UntilAsync(TimeSpan.FromMinutes(1), () => Task.FromResult(replica.HasSaid(message))))
            Assert.Fail($"not said within a minute: {message}\n{replica.Log}");
    }
}
