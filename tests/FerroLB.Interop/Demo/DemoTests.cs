using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Xunit;

namespace FerroLB.Interop.Demo;

/// <summary>The demo that the README promises: it ends well, survives the death of any process, and leaves nothing behind.</summary>
public sealed class DemoTests
{
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Demo_after_a_killed_run_meets_every_claim_and_leaves_nothing()
    {
        var demo = new RunningDemo("t1");
        await demo.KillInTheMiddleAsync();
        var result = await demo.RunAsync();
        Assert.True(result.ExitCode == 0, result.Output);
        Assert.Matches("All [0-9]{2} claims hold", result.Output);
        Assert.DoesNotContain("NOT TRUE", result.Output, StringComparison.Ordinal);
        Assert.Empty(await demo.RemainsAsync());
    }

    [Fact]
    public async Task Killing_any_process_and_starting_it_again_leads_to_the_same_addresses_and_owners()
    {
        var demo = new RunningDemo("t2");
        try
        {
            var kept = await demo.RunAsync("--keep");
            Assert.True(kept.ExitCode == 0, kept.Output);
            var addresses = await demo.AddressesAsync();
            var owners = await demo.OwnersAsync(addresses.Values);
            Assert.NotEmpty(addresses);
            foreach (var process in (string[])["apiserver", "controller", "speaker-node-1", "speaker-node-2", "speaker-node-3"])
            {
                var restarted = await demo.RunAsync("--restart", process);
                Assert.True(restarted.ExitCode == 0, restarted.Output);
                await AssertSameAsync(process, addresses, demo.AddressesAsync);
                await AssertSameAsync(process, owners, () => demo.OwnersAsync(addresses.Values));
            }
        }
        finally
        {
            await demo.RunAsync("--down");
        }

        Assert.Empty(await demo.RemainsAsync());
    }

    [Fact]
    public async Task Unknown_option_shows_the_usage_and_exits_with_2()
    {
        var result = await new RunningDemo("t3").RunAsync("--frobnicate");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("--keep", result.Output, StringComparison.Ordinal);
    }

    private static async Task AssertSameAsync(
        string process, SortedDictionary<string, string> expected, Func<Task<SortedDictionary<string, string>>> read)
    {
        var last = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var same = await Shell.UntilAsync(Settling, async () => expected.SequenceEqual(last = await read()));
        Assert.True(same, $"after {process} was restarted: {string.Join(", ", last)} instead of {string.Join(", ", expected)}");
    }
}
